import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { windowTest } from '../support/vscode-host/windowTest';
import { UNFINISHED_RECTANGLE } from '../support/examples';

windowTest.use({ files: { 'shapes.py': UNFINISHED_RECTANGLE } });

windowTest(
  'the status bar item opens a menu that switches a language off',
  async ({ workbench }) => {
    await workbench.openFileAtEnd('shapes.py');
    await workbench.statusBarItem.click();
    await expect(workbench.quickPickRows).toHaveText([
      /Turn completions off$/,
      /Turn completions off for python/,
      /Snooze/,
      /Open settings panel/,
      /Choose model…/,
      /Explain last suggestion/,
      /Show log/,
      /Restart model runtime/,
    ]);
    await screenshot(workbench.page, 'menu');
    await workbench.quickPickRows.filter({ hasText: 'for python' }).click();
    await expect(workbench.statusBarItem).toHaveAttribute('aria-label', /off/);
    await screenshot(workbench.page, 'status-off');
  },
);

windowTest(
  'the hover tells of the last request and leads on; the language’s own status switches it',
  async ({ workbench }) => {
    const { page, statusBarItem } = workbench;
    await workbench.openFileAtEnd('shapes.py');
    await workbench.type('        self.height = ');
    await workbench.waitForGhostText();
    await page.keyboard.press('Tab');
    await statusBarItem.hover();
    const hover = page.locator('.workbench-hover').filter({ hasText: 'Mamba Complete' });
    await expect(hover).toContainText(/Last request\s*\d+ tokens in \d+ ms/);
    await expect(hover).toContainText(/\d+ of \d+ prompt tokens/);
    await expect(hover.locator('a')).toHaveText([
      /Settings/,
      /Explain last suggestion/,
      /Snooze/,
      /On or off/,
      /Restart/,
      /Log/,
    ]);
    await screenshot(page, 'status-hover');
    await hover.locator('a').filter({ hasText: 'Explain' }).click();
    await expect(page.locator('.tab', { hasText: 'Last Suggestion.md' })).toBeVisible();
    await expect(
      page.locator('.view-line').filter({ hasText: /tokens\swere\sreplayed/ }),
    ).toBeVisible();
    await screenshot(page, 'explanation');

    await page.locator('[id="status.languageStatus"]').hover();
    const status = page
      .locator('.hover-language-status')
      .filter({ hasText: 'Suggestions for python: on' });
    await expect(status).toContainText('Mamba Complete');
    await screenshot(page, 'language-status');
    await status.getByText('Turn off').click();
    await expect(statusBarItem).toHaveAttribute('aria-label', /off/);
    await page.mouse.move(0, 400);
    await page.locator('[id="status.languageStatus"]').hover();
    await page
      .locator('.hover-language-status')
      .filter({ hasText: 'Suggestions for python: off' })
      .getByText('Turn on')
      .click();
    await workbench.waitUntilReady();
  },
);

windowTest('the settings panel shows the model and changes a setting', async ({ workbench }) => {
  await workbench.runCommand('Open Settings Panel');
  const panel = workbench.webview();
  await expect(panel.locator('body')).toContainText(/Mamba Complete 1/);
  await panel.locator('#enable').click();
  await expect(workbench.statusBarItem).toHaveAttribute('aria-label', /off/);
  await panel.locator('#enable').click();
  await workbench.waitUntilReady();
});

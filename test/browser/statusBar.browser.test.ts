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

windowTest('the settings panel shows the model and changes a setting', async ({ workbench }) => {
  await workbench.runCommand('Open Settings Panel');
  const panel = workbench.webview();
  await expect(panel.locator('body')).toContainText(/Mamba Complete 1/);
  await panel.locator('#enable').click();
  await expect(workbench.statusBarItem).toHaveAttribute('aria-label', /off/);
  await panel.locator('#enable').click();
  await workbench.waitUntilReady();
});

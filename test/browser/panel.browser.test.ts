import { expect, type Page } from '@playwright/test';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { windowTest } from '../support/vscode-host/windowTest';

windowTest.use({ files: { 'a.ts': 'const first = 1;\nconst second = 2;\n' } });

function contentPolicyViolations(page: Page): string[] {
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  return violations;
}

windowTest('the settings panel shows what runs and live figures', async ({ workbench }) => {
  const { page } = workbench;
  const violations = contentPolicyViolations(page);
  await workbench.openFileAtEnd('a.ts');
  await workbench.type('const third =');
  await workbench.waitForGhostText();
  await page.keyboard.press('Tab');
  const panel = await new SettingsPanel(workbench).open();
  await expect(panel.locator('#figure-model')).toContainText('Mamba Complete 1');
  await expect(panel.locator('#figure-device')).toContainText(/threads?/);
  await expect(panel.frame.getByText(/\d+ threads?/)).toHaveCount(1);
  await expect(panel.locator('#figure-decode')).toHaveText(/^\d+\.\d tokens\/s$/);
  await expect(panel.locator('#figure-latency50')).toHaveText(/^\d+ ms$/);
  await expect(panel.locator('#figure-accepted')).toHaveText(/^1 of \d+ \(\d+ %\)$/);
  await expect(panel.locator('#documents')).toContainText(/a\.ts.*MB/);
  await expect(panel.locator('.chart canvas')).toBeVisible();
  await panel.button('Clear document states').click();
  await expect(panel.locator('#documents')).toContainText('0.0 MB, 0 states');
  expect(violations).toEqual([]);
});

windowTest(
  'the panel puts suggestions off, and comes back as it was when it was hidden and reloaded',
  async ({ workbench }) => {
    const { page, statusBarItem, quickPickRows } = workbench;
    const panel = await new SettingsPanel(workbench).open();
    await panel.button('Snooze…').click();
    await quickPickRows.filter({ hasText: '15 minutes' }).click();
    await expect(panel.locator('#snooze')).toHaveText(/^Snoozed until \d+:\d\d/);
    await expect(statusBarItem).toHaveAttribute('aria-label', 'Mamba Complete: snoozed');
    await panel.button('End the snooze now').click();
    await expect(panel.locator('#snooze')).toBeEmpty();
    await workbench.waitUntilReady();
    // The same from the palette, and its end from the status bar.
    await workbench.runCommand('Snooze Suggestions');
    await quickPickRows.filter({ hasText: '5 minutes' }).first().click();
    await expect(panel.locator('#snooze')).toHaveText(/^Snoozed until/);
    await statusBarItem.click();
    await quickPickRows.filter({ hasText: 'Snooze…' }).click();
    await quickPickRows.filter({ hasText: 'End the snooze now' }).click();
    await expect(panel.locator('#snooze')).toBeEmpty();
    await workbench.waitUntilReady();

    await panel.choose('scopeTarget', 'User');
    const timing = panel.locator('#section-timing');
    await timing.evaluate((section) => section.scrollIntoView());
    // What stands above may become longer meanwhile; the place that was looked at stays in view.
    const isInView = () =>
      timing.evaluate((section) => {
        const { top } = section.getBoundingClientRect();
        return Math.abs(top) < window.innerHeight / 2;
      });
    expect(await panel.locator('html').evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(300);
    await workbench.openFileAtEnd('a.ts');
    await expect(panel.locator('#status')).toBeHidden();
    await panel.open();
    await expect.poll(isInView).toBe(true);
    await panel.expectValue('scopeTarget', 'user');
    await workbench.reload();
    await workbench.waitUntilReady();
    // Which tab is in front again is the editor's business.
    await page.locator('.tab', { hasText: 'Mamba Complete' }).click();
    await expect(panel.locator('#status')).toHaveText(/^Ready/, { timeout: 60_000 });
    await expect.poll(isInView).toBe(true);
    await panel.expectValue('scopeTarget', 'user');
    // It is the one panel: the command brings it to the front and opens no other.
    await panel.open();
    await expect(page.locator('.tab', { hasText: 'Mamba Complete' })).toHaveCount(1);
  },
);

import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';
import { screenshot } from '../support/screenshot';
import { windowTest } from '../support/vscode-host/windowTest';
import type { Workbench } from '../support/vscode-host/workbench';

windowTest.use({ files: { 'a.ts': 'const first = 1;\nconst second = 2;\n' } });

async function openPanel(workbench: Workbench) {
  await workbench.runCommand('Open Settings Panel');
  const panel = workbench.webview();
  await expect(panel.locator('#status')).toContainText('Ready');
  return panel;
}

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
  const panel = await openPanel(workbench);
  await expect(panel.locator('#figure-model')).toContainText('Mamba Complete 1');
  await expect(panel.locator('#figure-device')).toContainText(/threads?/);
  await expect(panel.getByText(/\d+ threads?/)).toHaveCount(1);
  await expect(panel.locator('#figure-decode')).toHaveText(/^\d+\.\d tokens\/s$/);
  await expect(panel.locator('#figure-latency50')).toHaveText(/^\d+ ms$/);
  await expect(panel.locator('#figure-accepted')).toHaveText(/^1 of \d+ \(\d+ %\)$/);
  await expect(panel.locator('#documents')).toContainText(/a\.ts.*MB/);
  await expect(panel.locator('.chart canvas')).toBeVisible();
  await panel.getByText('Clear document states').click();
  await expect(panel.locator('#documents')).toContainText('0.0 MB, 0 states');
  expect(violations).toEqual([]);
});

windowTest(
  'controls of the settings panel write settings and follow them',
  async ({ workbench }) => {
    const { page } = workbench;
    const panel = await openPanel(workbench);
    const maxTokens = panel.locator('#maxTokens').locator('input');
    await maxTokens.fill('5000');
    await maxTokens.press('Enter');
    await expect(panel.locator('#maxTokens-problem')).toHaveText('Enter a number from 1 to 512.');
    await maxTokens.fill('20');
    await maxTokens.press('Enter');
    await expect(panel.locator('#maxTokens-problem')).toBeEmpty();
    await expect(panel.locator('vscode-button[aria-label="Reset: Most tokens"]')).toBeVisible();
    await panel.locator('#multiline').click();
    await panel.locator('#multiline vscode-option', { hasText: 'never' }).click();
    await panel.locator('#newLanguage').locator('input').fill('cobol');
    await panel.locator('#newLanguage').locator('input').press('Enter');
    await expect(panel.locator('#language-cobol')).toHaveAttribute('aria-checked', 'false');

    await workbench.runCommand('Preferences: Open User Settings (JSON)');
    const lines = page.locator('.editor-instance .view-lines:visible');
    await expect(lines).toContainText('"mambaComplete.maxTokens": 20');
    await expect(lines).toContainText('"mambaComplete.multiline": "never"');
    await expect(lines).toContainText('"cobol": false');
    // Shown again, the page is a new one; then a change from elsewhere.
    await workbench.runCommand('Open Settings Panel');
    await expect(maxTokens).toHaveValue('20');
    await workbench.runCommand('Turn Completions On or Off');
    await expect(panel.locator('#enable')).toHaveAttribute('aria-checked', 'false');
    await workbench.runCommand('Turn Completions On or Off');
    await expect(panel.locator('#enable')).toHaveAttribute('aria-checked', 'true');
    await panel.locator('vscode-button[aria-label="Reset: Most tokens"]').click();
    await expect(maxTokens).toHaveValue('64');
  },
);

/** What axe-core's page-wide `axe` is used for here. */
interface AxePage {
  axe: {
    run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
  };
}

windowTest('axe finds no serious violation in the settings panel', async ({ workbench }) => {
  await openPanel(workbench);
  await screenshot(workbench.page, 'settings-panel');
  let found: string[] | undefined;
  for (const frame of workbench.page.frames()) {
    if ((await frame.locator('#panel').count()) === 0) continue;
    await frame.evaluate(axe.source);
    found = await frame.evaluate(async () => {
      const { violations } = await (window as unknown as AxePage).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
  }
  expect(found).toEqual([]);
});

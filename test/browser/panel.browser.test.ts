import path from 'node:path';
import { expect } from '@playwright/test';
import { repositoryRoot } from '../support/repositoryRoot';
import { windowTest } from '../support/vscode-host/windowTest';

windowTest.use({ files: { 'a.ts': 'const first = 1;\nconst second = 2;\n' } });

windowTest('the settings panel shows what runs and changes settings', async ({ workbench }) => {
  const { page } = workbench;
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  await workbench.openFileAtEnd('a.ts');
  await workbench.type('const third =');
  await workbench.waitForGhostText();

  await workbench.runCommand('Open Settings Panel');
  const panel = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await expect(panel.locator('#figure-status')).toContainText('Ready');
  await expect(panel.locator('#figure-model')).toContainText('Mamba Complete 1');
  await expect(panel.locator('#figure-engineName')).toContainText('cpu');
  await expect(panel.locator('#figure-threads')).toHaveText(/^\d+$/);
  await expect(panel.locator('#figure-latency')).toHaveText(/^\d+ ms for \d+ tokens$/);
  await expect(panel.locator('#figure-reused')).toHaveText(/^\d+ of \d+ prompt tokens$/);
  await page.screenshot({ path: path.join(repositoryRoot(), 'screenshots', 'panel.png') });

  const maxTokens = panel.locator('#maxTokens').locator('input');
  await maxTokens.fill('20');
  await maxTokens.press('Enter');
  await maxTokens.press('Tab');
  await panel.locator('#multiline').click();
  await panel.locator('#multiline vscode-option', { hasText: 'never' }).click();
  await workbench.runCommand('Preferences: Open User Settings (JSON)');
  await expect(page.locator('.view-lines:visible')).toContainText('"mambaComplete.maxTokens": 20');
  await expect(page.locator('.view-lines:visible')).toContainText(
    '"mambaComplete.multiline": "never"',
  );
  expect(violations).toEqual([]);
});

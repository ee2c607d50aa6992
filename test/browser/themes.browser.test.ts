import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { TRIGGER_KEY, windowTest } from '../support/vscode-host/windowTest';
import { UNFINISHED_DISTANCE } from './examples';

const THEMES = [
  { name: 'dark', theme: 'Default Dark Modern', class: 'vs-dark' },
  { name: 'light', theme: 'Default Light Modern', class: 'vs' },
  { name: 'high-contrast', theme: 'Default High Contrast', class: 'hc-black' },
];

for (const { name, theme, class: themeClass } of THEMES) {
  windowTest.describe(`in the ${name} theme`, () => {
    windowTest.use({
      settings: { 'workbench.colorTheme': theme },
      files: { 'geometry.ts': UNFINISHED_DISTANCE },
    });

    windowTest('ghost text and the settings panel can be read', async ({ workbench }) => {
      const { page } = workbench;
      await expect(page.locator(`.monaco-workbench.${themeClass}`)).toBeVisible();
      await workbench.openFileAtEnd('geometry.ts');
      await workbench.type('  ');
      await page.keyboard.press(TRIGGER_KEY);
      await workbench.waitForGhostText();
      await screenshot(page, `ghost-text-${name}`);
      await page.keyboard.press('Escape');
      await workbench.runCommand('Open Settings Panel');
      await expect(workbench.webview().locator('h1')).toBeVisible();
      await screenshot(page, `settings-panel-${name}`);
    });
  });
}

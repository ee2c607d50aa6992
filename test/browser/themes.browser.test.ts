import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { TRIGGER_KEY, windowTest } from '../support/vscode-host/windowTest';
import { UNFINISHED_DISTANCE } from './examples';

const THEMES = [
  { theme: 'Dark Modern', className: 'vs-dark' },
  { theme: 'Light Modern', className: 'vs' },
  { theme: 'Dark High Contrast', className: 'hc-black' },
];

windowTest.use({ files: { 'geometry.ts': UNFINISHED_DISTANCE } });

for (const { theme, className } of THEMES) {
  windowTest(`ghost text and the settings panel show in ${theme}`, async ({ workbench }) => {
    const { page } = workbench;
    const name = theme.toLowerCase().replaceAll(' ', '-');
    await workbench.chooseColorTheme(theme);
    await expect(page.locator(`.monaco-workbench.${className}`)).toBeVisible();
    await workbench.openFileAtEnd('geometry.ts');
    await workbench.type('  ');
    await page.keyboard.press(TRIGGER_KEY);
    await workbench.waitForGhostText();
    await screenshot(page, `ghost-text-${name}`);
    await page.keyboard.press('Escape');
    await workbench.runCommand('Open Settings Panel');
    await expect(workbench.webview().getByText('Mamba Complete 1')).toBeVisible();
    await screenshot(page, `settings-panel-${name}`);
  });
}

import { expect } from '@playwright/test';
import { UNFINISHED_DISTANCE } from '../browser/examples';
import { screenshot } from '../support/screenshot';
import { TRIGGER_KEY, windowTest } from '../support/vscode-host/windowTest';
import { VSIX } from './vsix';

windowTest.use({
  vsix: VSIX,
  files: { 'geometry.ts': `${UNFINISHED_DISTANCE}  \n}\n` },
  settings: { 'workbench.colorTheme': 'Dark Modern' },
  // The picture is docs/images/ghost-text.png: no larger than what it shows.
  viewport: { width: 960, height: 420 },
});

windowTest('completes code after it was installed from the VSIX', async ({ workbench }) => {
  await workbench.openFileAtEnd('geometry.ts');
  // Into the line before the closing bracket.
  await workbench.page.keyboard.press('ArrowUp');
  await workbench.page.keyboard.press('ArrowUp');
  await workbench.page.keyboard.press('End');
  await workbench.page.keyboard.press(TRIGGER_KEY);
  const firstLine = await workbench.waitForGhostText();
  expect(firstLine).toBe('const dy = a.y - b.y;');
  await screenshot(workbench.page, 'installed');
  await workbench.page.keyboard.press('Tab');
  await expect.poll(() => workbench.savedText('geometry.ts')).toContain(firstLine);
});

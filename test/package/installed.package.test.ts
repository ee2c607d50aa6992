import { expect } from '@playwright/test';
import { windowTest } from '../support/vscode-host/windowTest';
import { VSIX } from './vsix';

windowTest.use({
  vsix: VSIX,
  files: { 'sum.ts': 'export function add(a: number, b: number): number {\n' },
});

windowTest('completes code after it was installed from the VSIX', async ({ workbench }) => {
  await workbench.openFileAtEnd('sum.ts');
  await workbench.type('  return ');
  expect(await workbench.waitForGhostText()).toContain('a + b');
  await workbench.page.keyboard.press('Tab');
  await expect.poll(() => workbench.savedText('sum.ts')).toMatch(/\n {2}return a \+ b;?\n?$/);
});

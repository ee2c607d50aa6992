import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { windowTest } from '../support/vscode-host/windowTest';

const WITH_COMMENT =
  'export function add(a: number, b: number): number {\n  return a + b;\n}\n\n' +
  '// Returns the difference of a and b';

const COUNTING = 'export const numbers = [\n  1,\n  2,\n  3,\n  4,\n  5,\n';

windowTest.use({ files: { 'math.ts': WITH_COMMENT, 'numbers.ts': COUNTING } });

windowTest(
  'text from a comment is previewed, accepted and undone in one step',
  async ({ workbench }) => {
    const { page } = workbench;
    await workbench.openFileAtEnd('math.ts');
    await workbench.runCommand('Generate from Comment or Selection');
    const accept = page.getByRole('button', { name: 'Accept Generated Text' });
    await expect(accept).toBeVisible({ timeout: 90_000 });
    await expect(page.getByRole('button', { name: 'Discard Generated Text' })).toBeVisible();
    await expect(page.locator('.view-line').filter({ hasText: /return\sa\s-\sb/ })).toBeVisible();
    await screenshot(page, 'generated-preview');
    await accept.click();
    await expect(accept).toHaveCount(0);
    await expect(page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
    // The buttons go before the text has come.
    let saved = '';
    await expect
      .poll(async () => (saved = await workbench.savedText('math.ts')), { timeout: 20_000 })
      .toMatch(/and b\n\S[\s\S]*\S/);
    expect(saved.startsWith(WITH_COMMENT)).toBe(true);
    await page.keyboard.press('Control+Z');
    expect(await workbench.savedText('math.ts')).toBe(WITH_COMMENT);
  },
);

windowTest('Escape stops what is being generated at the cursor', async ({ workbench }) => {
  const { page } = workbench;
  await workbench.openFileAtEnd('numbers.ts');
  await workbench.runCommand('Generate at Cursor');
  // 17 may be there by the time that 7 is seen.
  await expect(page.locator('.view-line').filter({ hasText: /7/ }).first()).toBeVisible({
    timeout: 60_000,
  });
  await page.keyboard.press('Escape');
  await expect(workbench.statusBarItem).not.toHaveAttribute('aria-label', /working/);
  // The last piece may still be on its way: saved at once, the document would be dirty again. A save in between also
  // splits the undo step, so undoing is left to the host tests.
  let stopped = '';
  await expect(async () => {
    await page.keyboard.press('Control+S');
    await expect(page.locator('.tab.active.dirty')).toHaveCount(0, { timeout: 2000 });
    const before = stopped;
    stopped = await workbench.savedText('numbers.ts');
    expect(stopped).toBe(before);
  }).toPass();
  // Left alone it would count on for sixty lines.
  await page.keyboard.press('End');
  expect(await workbench.savedText('numbers.ts')).toBe(stopped);
  expect(stopped.split('\n').length).toBeLessThan(50);
});

import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import {
  ACCEPT_LINE_KEY,
  ACCEPT_WORD_KEY,
  TRIGGER_KEY,
  windowTest,
} from '../support/vscode-host/windowTest';
import { UNFINISHED_RECTANGLE, UNFINISHED_DISTANCE } from '../support/examples';

windowTest.use({
  files: {
    'geometry.ts': UNFINISHED_DISTANCE,
    'shapes.py': UNFINISHED_RECTANGLE,
    'notes.txt': 'MIT License\n\n',
  },
});

const LANGUAGES = [
  { language: 'TypeScript', file: 'geometry.ts', typed: '  const dy = ' },
  { language: 'Python', file: 'shapes.py', typed: '        self.height = ' },
  {
    language: 'plain text',
    file: 'notes.txt',
    typed: 'Permission is hereby granted, free of charge, to any ',
  },
];

for (const { language, file, typed } of LANGUAGES) {
  windowTest(`Tab accepts ghost text in ${language}`, async ({ workbench }) => {
    await workbench.openFileAtEnd(file);
    await workbench.type(typed);
    const ghostText = await workbench.waitForGhostText();
    await screenshot(workbench.page, `ghost-text-${language.toLowerCase().replace(' ', '-')}`);
    await workbench.page.keyboard.press('Tab');
    await expect.poll(() => workbench.savedText(file)).toContain(typed + ghostText);
  });
}

windowTest('accepts word by word, and the rest stays', async ({ workbench }) => {
  await workbench.openFileAtEnd('geometry.ts');
  await workbench.type('  const dy = ');
  const whole = await workbench.waitForGhostText();
  const word = /^\s*\w+/.exec(whole)?.[0] ?? '';
  expect(word.length).toBeGreaterThan(0);
  await workbench.page.keyboard.press(ACCEPT_WORD_KEY);
  await expect
    .poll(() => workbench.savedText('geometry.ts'))
    .toBe(`${UNFINISHED_DISTANCE}  const dy = ${word}`);
  expect(await workbench.waitForGhostText()).toBe(whole.slice(word.length));
});

windowTest('accepts line by line, and the rest stays', async ({ workbench }) => {
  await workbench.openFileAtEnd('geometry.ts');
  await workbench.type('  ');
  await workbench.page.keyboard.press(TRIGGER_KEY);
  const line = await workbench.waitForGhostText();
  await screenshot(workbench.page, 'ghost-text-lines');
  await workbench.page.keyboard.press(ACCEPT_LINE_KEY);
  await expect
    .poll(async () => (await workbench.savedText('geometry.ts')).trimEnd())
    .toBe(`${UNFINISHED_DISTANCE}  ${line}`);
  await workbench.waitForGhostText();
});

windowTest('Escape dismisses ghost text and changes nothing', async ({ workbench }) => {
  await workbench.openFileAtEnd('geometry.ts');
  await workbench.type('  const dy = ');
  await workbench.waitForGhostText();
  await workbench.page.keyboard.press('Escape');
  await workbench.expectNoGhostText();
  expect(await workbench.savedText('geometry.ts')).toBe(`${UNFINISHED_DISTANCE}  const dy = `);
});

windowTest('goes through alternatives with the editor’s own commands', async ({ workbench }) => {
  await workbench.openFileAtEnd('geometry.ts');
  await workbench.type('  const ');
  await workbench.page.keyboard.press(TRIGGER_KEY);
  const likeliest = await workbench.waitForGhostText();
  const shown = () => workbench.waitForGhostText();
  await workbench.page.keyboard.press('Alt+BracketRight');
  await expect.poll(shown).not.toBe(likeliest);
  const other = await shown();
  await screenshot(workbench.page, 'ghost-text-alternative');
  await workbench.page.keyboard.press('Alt+BracketLeft');
  await expect.poll(shown).toBe(likeliest);
  await workbench.page.keyboard.press('Alt+BracketRight');
  await expect.poll(shown).toBe(other);
  // Typing into it keeps it.
  await workbench.type(other.slice(0, 1));
  await expect.poll(shown).toBe(other.slice(1));
  await workbench.page.keyboard.press('Tab');
  await expect
    .poll(() => workbench.savedText('geometry.ts'))
    .toContain(`  const ${other.split('\n', 1)[0] ?? ''}`);
});

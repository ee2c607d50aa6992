import { expect, type Page } from '@playwright/test';
import { UNFINISHED_DISTANCE } from '../support/examples';
import { TRIGGER_KEY, windowTest } from '../support/vscode-host/windowTest';

const CLASS = 'class Rectangle:\n    def area(self):\n';

windowTest.use({ files: { 'geometry.ts': UNFINISHED_DISTANCE, 'shapes.py': CLASS } });

windowTest(
  'ghost text stays in every frame while it is typed, and comes back when a wrong key is deleted',
  async ({ workbench }) => {
    const { page } = workbench;
    await workbench.openFileAtEnd('geometry.ts');
    await workbench.type('  const dy = ');
    const whole = await workbench.waitForGhostText();
    // Up to the first bracket or quote: the editor closes those by itself.
    const keys = /^[^\n()[\]{}"'`]{1,6}/.exec(whole)?.[0] ?? '';
    expect(keys.length).toBeGreaterThan(2);
    const shown = () => workbench.waitForGhostText();
    await countFramesWithoutGhostText(page);
    for (let typed = 1; typed < keys.length; typed++) {
      await workbench.type(keys.charAt(typed - 1));
      await expect.poll(shown).toBe(whole.slice(typed));
    }
    expect(await framesWithoutGhostText(page)).toEqual({ without: 0, isLooking: true });

    await workbench.type('§');
    await expect.poll(() => workbench.ghostText.allTextContents()).not.toContain(whole);
    await page.keyboard.press('Backspace');
    await expect.poll(shown).toBe(whole.slice(keys.length - 1));
    for (let left = keys.length - 2; left >= 0; left--) {
      await page.keyboard.press('Backspace');
      await expect.poll(shown).toBe(whole.slice(left));
    }
  },
);

windowTest(
  'Tab indents where a suggestion begins with the indentation, and accepts it behind that',
  async ({ workbench }) => {
    const { page } = workbench;
    await workbench.openFileAtEnd('shapes.py');
    await page.keyboard.press(TRIGGER_KEY);
    const whole = await workbench.waitForGhostText();
    expect(whole).toMatch(/^ {8}\S/);
    await page.keyboard.press('Tab');
    const indented = await workbench.savedText('shapes.py');
    expect(indented.slice(CLASS.length)).toMatch(/^( {4}){1,2}$/);
    await expect
      .poll(() => workbench.waitForGhostText())
      .toBe(whole.slice(indented.length - CLASS.length));
    if (indented === `${CLASS}    `) await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect
      .poll(() => workbench.savedText('shapes.py'))
      .toContain(`${CLASS}${whole.split('\n', 1)[0] ?? ''}`);
  },
);

interface Frames {
  without: number;
  isLooking: boolean;
}

declare const window: { ghostFrames?: Frames };

/** Looks at every frame that is drawn from now on. */
async function countFramesWithoutGhostText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: Frames = { without: 0, isLooking: false };
    window.ghostFrames = frames;
    const look = () => {
      const drawn = document.querySelectorAll(
        '.ghost-text-decoration, .ghost-text-decoration-preview',
      );
      frames.isLooking = true;
      if (![...drawn].some(({ textContent }) => textContent.trim() !== '')) frames.without++;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

function framesWithoutGhostText(page: Page): Promise<Frames | undefined> {
  return page.evaluate(() => window.ghostFrames);
}

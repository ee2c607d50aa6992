import { expect, type Page } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { runtimeProcessIds, windowTest } from '../support/vscode-host/windowTest';
import type { Workbench } from '../support/vscode-host/workbench';
import { UNFINISHED_DISTANCE } from '../support/examples';

windowTest.use({
  files: {
    'geometry.ts': UNFINISHED_DISTANCE,
    // A model of which there is nothing but its name.
    'broken/manifest.json': '{}\n',
    '.vscode/settings.json': '{}\n',
  },
  settings: { 'editor.autoClosingBrackets': 'never', 'editor.autoClosingQuotes': 'never' },
});

const ASK_THE_MODEL = [
  'Generate at Cursor',
  'Complete Function Body',
  'Generate from Comment or Selection',
  'Show Alternatives',
];

/** What the editor shows after the cursor and is not in the document. */
function textAfterCursor(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.editor-instance .view-line span')]
      .map((span) => getComputedStyle(span, '::after').content)
      .filter((content) => content.startsWith('"'))
      .map((content) => (JSON.parse(content) as string).replaceAll('\u00a0', ' '))
      .join(''),
  );
}

windowTest(
  'alternatives are previewed at the cursor, and the chosen one is inserted',
  async ({ workbench }) => {
    const { page, quickPickRows } = workbench;
    await workbench.openFileAtEnd('geometry.ts');
    // What the next name is, is anyone's guess: the drawn texts differ.
    await workbench.type('  // The ');
    await workbench.runCommand('Mamba Complete: Show Alternatives');
    const labels = quickPickRows.locator('.quick-input-list-row:first-child .label-name');
    const firstOther = async () => {
      const [likeliest, ...others] = await labels.allInnerTexts();
      return others.findIndex((other) => other !== likeliest) + 1;
    };
    await expect.poll(firstOther, { timeout: 90_000 }).toBeGreaterThan(0);
    const index = await firstOther();
    const [likeliest = '', ...others] = await labels.allInnerTexts();
    await expect.poll(() => textAfterCursor(page)).toBe(likeliest);
    for (let i = 0; i < index; i++) await page.keyboard.press('ArrowDown');
    const chosen = others[index - 1] ?? '';
    await expect.poll(() => textAfterCursor(page)).toBe(chosen);
    await screenshot(page, 'alternatives');
    await page.keyboard.press('Enter');
    const typed = `${UNFINISHED_DISTANCE}  // The `;
    await expect.poll(() => workbench.savedText('geometry.ts')).toContain(`${typed}${chosen}`);
    expect(await textAfterCursor(page)).toBe('');
    await page.keyboard.press('Control+Z');
    await expect.poll(() => workbench.savedText('geometry.ts')).toBe(typed);
  },
);

async function useModel(workbench: Workbench, folder: string): Promise<void> {
  await workbench.page.locator('.tab', { hasText: 'settings.json' }).click();
  await workbench.page.keyboard.press('Control+A');
  await workbench.page.keyboard.insertText(JSON.stringify({ 'mambaComplete.modelFolder': folder }));
  await workbench.page.keyboard.press('Control+S');
}

async function expectAnswer(workbench: Workbench, command: string, answer: RegExp): Promise<void> {
  await workbench.clearNotifications();
  await workbench.runCommand(`Mamba Complete: ${command}`);
  await workbench.waitForNotification(answer);
}

windowTest(
  'every command says what it can do while the model does not run',
  async ({ workbench, host }) => {
    const { page, quickPickRows, statusBarItem } = workbench;
    await workbench.openFileAtEnd('settings.json');
    await useModel(workbench, `${workbench.folder}/broken`);
    await expect(statusBarItem).toHaveAttribute('aria-label', /failed/);
    // The failure itself is told once, with a way out.
    const failure = await workbench.waitForNotification(/broken/);
    await expect(failure.getByRole('button', { name: 'Settings' })).toBeVisible();
    await screenshot(page, 'notification-failure');
    await workbench.openFileAtEnd('geometry.ts');
    for (const command of ASK_THE_MODEL) {
      await expectAnswer(workbench, command, /The model runtime does not run\. .*broken/);
    }
    const [answer] = await workbench.notifications.all();
    await expect(answer.getByRole('button', { name: 'Restart' })).toBeVisible();
    await expectAnswer(workbench, 'Clear Document States', /it keeps no document states/);
    await expectAnswer(workbench, 'Restart Model Runtime', /broken/);

    await workbench.clearNotifications();
    await useModel(workbench, '');
    await workbench.waitUntilReady();
    await workbench.openFileAtEnd('geometry.ts');
    await workbench.runCommand('Mamba Complete: Turn Completions On or Off');
    await expect(statusBarItem).toHaveAttribute('aria-label', /off/);
    await expect.poll(() => runtimeProcessIds(host)).toEqual([]);
    for (const command of [...ASK_THE_MODEL, 'Restart Model Runtime']) {
      await expectAnswer(
        workbench,
        command,
        /Mamba Complete is turned off, so its model is not loaded/,
      );
    }
    await expectAnswer(workbench, 'Remove Model', /No model has been added/);
    await workbench.clearNotifications();

    await workbench.runCommand('Mamba Complete: Show Menu');
    await expect(quickPickRows.first()).toHaveText(/Turn completions on/);
    await page.keyboard.press('Escape');
    await workbench.runCommand('Mamba Complete: Choose Model');
    await expect(quickPickRows.first()).toHaveText(/Mamba Complete 1/);
    await page.keyboard.press('Escape');
    await workbench.runCommand('Mamba Complete: Explain Last Suggestion');
    await expect(
      page.locator('.view-line').filter({ hasText: /has\sno\srequest\sof/ }),
    ).toBeVisible();
    await workbench.runCommand('Mamba Complete: Show Document State');
    await expect(
      page.locator('.view-line').filter({ hasText: /has\snot\sread\sthis\sdocument/ }),
    ).toBeVisible();
    await workbench.runCommand('Mamba Complete: Show Log');
    await expect(
      page
        .locator('.part.panel .view-line')
        .filter({ hasText: /runtime/ })
        .first(),
    ).toBeVisible();

    // The command that ends the snooze is offered while there is one.
    await page.keyboard.press('F1');
    await page.keyboard.type('Mamba Complete: End the Snooze');
    await expect(quickPickRows.filter({ hasText: /End the Snooze/ })).toHaveCount(0);
    await page.keyboard.press('Escape');
    await workbench.runCommand('Mamba Complete: Snooze Suggestions');
    await quickPickRows.filter({ hasText: '15 minutes' }).click();
    await workbench.runCommand('Mamba Complete: End the Snooze');
    const panel = await new SettingsPanel(workbench).open();
    await expect(panel.locator('#status')).toHaveText('Stopped');
    await expect(panel.locator('#snooze')).toBeEmpty();
    await workbench.expectNoNotifications();

    // One that was killed is waited for.
    await workbench.runCommand('Mamba Complete: Turn Completions On or Off');
    await workbench.waitUntilReady();
    await workbench.openFileAtEnd('geometry.ts');
    process.kill(runtimeProcessIds(host)[0], 'SIGKILL');
    await workbench.runCommand('Mamba Complete: Generate at Cursor');
    await expect(
      page
        .locator('.view-line')
        .filter({ hasText: /dy\s=\sa\.y/ })
        .first(),
    ).toBeVisible();
  },
);

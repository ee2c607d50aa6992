import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { windowTest } from '../support/vscode-host/windowTest';

windowTest.use({ files: { 'a.ts': 'const first = 1;\n', '.vscode/settings.json': '{}\n' } });

const CONTROLS = 'vscode-button, vscode-checkbox, vscode-dropdown, vscode-text-field';

/** The panel's controls that can be seen, in the order of the page. */
async function visibleControls(panel: SettingsPanel): Promise<Locator[]> {
  const all = await panel.locator(CONTROLS).all();
  const seen = await Promise.all(all.map((control) => control.isVisible()));
  return all.filter((_, i) => seen[i]);
}

/** Which of the controls has the focus; -1 for none. */
async function focused(panel: SettingsPanel): Promise<number> {
  return panel.locator('body').evaluate((body, selector) => {
    const visible = [...body.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    return visible.findIndex((each) => each === body.ownerDocument.activeElement);
  }, CONTROLS);
}

/** Whether the control and what is around it look otherwise without the focus. The next Tab goes on from it all the same. */
async function isFocusSeen(page: Page, control: Locator): Promise<boolean> {
  const { x, y, width, height } = (await control.boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  const clip = { x: x - 5, y: y - 5, width: width + 10, height: height + 10 };
  const withFocus = await page.screenshot({ clip });
  await control.evaluate((each: HTMLElement) => each.blur());
  return !withFocus.equals(await page.screenshot({ clip }));
}

windowTest('the panel is used by the keyboard alone', async ({ workbench, host }) => {
  const { page } = workbench;
  await workbench.openFileAtEnd('a.ts');
  const panel = await new SettingsPanel(workbench).open();
  // Everything has come that comes by itself.
  await expect(panel.locator('#figure-resident')).toHaveText(/MB/);
  const controls = await visibleControls(panel);
  expect(controls.length).toBeGreaterThan(25);
  const tops: number[] = [];
  for (const [i, control] of controls.entries()) {
    await page.keyboard.press('Tab');
    expect(await focused(panel), `the control after ${i} others`).toBe(i);
    tops.push(await control.evaluate((each) => each.getBoundingClientRect().top + scrollY));
    await expect(control).toBeInViewport();
    expect(await isFocusSeen(page, control), `no focus is seen at ${i}`).toBe(true);
  }
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  await page.keyboard.press('Shift+Tab');
  expect(await focused(panel)).toBe(controls.length - 2);

  const reach = async (id: string) => {
    // A setting that is set has a button more, to reset it.
    const now = await visibleControls(panel);
    const ids = await Promise.all(now.map((control) => control.getAttribute('id')));
    const target = ids.indexOf(id);
    for (let at = await focused(panel); at !== target; at += at < target ? 1 : -1) {
      await page.keyboard.press(at < target ? 'Tab' : 'Shift+Tab');
    }
    expect(await focused(panel)).toBe(target);
  };
  const setting = (key: string) => host.readSettings()[`mambaComplete.${key}`];

  await reach('inComments');
  await page.keyboard.press('Space');
  await expect.poll(() => setting('inComments')).toBe(false);
  // What Tab reaches is selected as a whole. Control+A would be carried out by the editor, at a later time.
  await reach('maxTokens');
  await page.keyboard.type('77');
  await page.keyboard.press('Tab');
  await expect.poll(() => setting('maxTokens')).toBe(77);

  // A list: Escape leaves everything as it was, Enter takes what the arrows have reached.
  await reach('multiline');
  const list = panel.locator('#multiline');
  await page.keyboard.press('Enter');
  await expect(list).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await screenshot(page, 'settings-panel-list');
  await page.keyboard.press('Escape');
  await expect(list).toHaveAttribute('aria-expanded', 'false');
  expect(setting('multiline')).toBeUndefined();
  await panel.expectValue('multiline', 'auto');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => setting('multiline')).toBe('never');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => setting('multiline')).toBe('always');
  await reach('newLanguage');
  await page.keyboard.type('cobol');
  await page.keyboard.press('Enter');
  await expect.poll(() => setting('languages')).toEqual({ cobol: false });
});

windowTest(
  'settings go to the chosen file and language, and are taken out again',
  async ({ workbench, host }) => {
    const file = path.join(workbench.folder, '.vscode/settings.json');
    const inWorkspace = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    await workbench.openFileAtEnd('a.ts');
    const panel = await new SettingsPanel(workbench).open();
    const reset = (key: string) => panel.locator(`.setting:has(#${key}) .reset`);

    await panel.choose('scopeTarget', 'Workspace');
    await panel.fill('maxTokens', '33');
    await expect.poll(inWorkspace).toEqual({ 'mambaComplete.maxTokens': 33 });
    expect(host.readSettings()['mambaComplete.maxTokens']).toBeUndefined();
    await panel.choose('scopeTarget', 'User');
    await expect(panel.origin('maxTokens')).toHaveText('What is set in Workspace counts instead.');
    await panel.fill('maxTokens', '44');
    await expect.poll(() => host.readSettings()['mambaComplete.maxTokens']).toBe(44);
    await panel.choose('scopeTarget', 'Workspace');
    await panel.expectValue('maxTokens', 33);
    await expect(panel.origin('maxTokens')).toHaveText('Also set in: User.');

    // What is typed before the chosen scope's values have come stays, and goes where it was chosen to.
    await panel.choose('scopeTarget', 'User');
    await panel.expectValue('maxTokens', 44);
    await panel.typeWhileChoosing('workspace', 'maxTokens', '5');
    await expect(panel.origin('maxTokens')).toHaveText('Also set in: User.');
    await workbench.page.keyboard.type('5');
    await workbench.page.keyboard.press('Enter');
    await expect.poll(inWorkspace).toEqual({ 'mambaComplete.maxTokens': 55 });
    expect(host.readSettings()['mambaComplete.maxTokens']).toBe(44);
    // Also when it is what was shown for the scope that was left.
    await panel.choose('scopeTarget', 'User');
    await panel.expectValue('maxTokens', 44);
    await panel.typeWhileChoosing('workspace', 'maxTokens', '44', 'change');
    await expect.poll(inWorkspace).toEqual({ 'mambaComplete.maxTokens': 44 });
    await expect(panel.origin('maxTokens')).toHaveText('Also set in: User.');
    await panel.fill('maxTokens', '33');
    await expect.poll(inWorkspace).toEqual({ 'mambaComplete.maxTokens': 33 });

    // For one language: only what can be set by language is shown.
    await panel.choose('scopeLanguage', 'typescript');
    await expect(panel.locator('#engine')).toBeHidden();
    await panel.fill('maxTokens', '22');
    await expect.poll(inWorkspace).toEqual({
      'mambaComplete.maxTokens': 33,
      '[typescript]': { 'mambaComplete.maxTokens': 22 },
    });
    // The settings file that was written is open now, and its language among the others.
    await expect(panel.locator('#scopeLanguage .selected-value')).toHaveText('typescript');
    await screenshot(workbench.page, 'settings-panel-language');
    await reset('maxTokens').click();
    await panel.expectValue('maxTokens', 33);
    await expect(reset('maxTokens')).toBeHidden();
    await panel.choose('scopeLanguage', 'All languages');
    await reset('maxTokens').click();
    await panel.expectValue('maxTokens', 44);
    await expect.poll(() => inWorkspace()['mambaComplete.maxTokens']).toBeUndefined();
    await panel.choose('scopeTarget', 'User');
    await reset('maxTokens').click();
    await expect.poll(() => host.readSettings()['mambaComplete.maxTokens']).toBeUndefined();
    await expect(panel.origin('maxTokens')).toBeEmpty();
  },
);

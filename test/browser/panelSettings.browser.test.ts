import path from 'node:path';
import { expect } from '@playwright/test';
import {
  settingKeys,
  settingsTable,
  type SettingDefinition,
  type SettingKey,
} from '../../extension/settings/table';
import { repositoryRoot } from '../support/repositoryRoot';
import { screenshot } from '../support/screenshot';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { windowTest } from '../support/vscode-host/windowTest';
import type { Workbench } from '../support/vscode-host/workbench';

windowTest.use({
  files: { '.vscode/settings.json': '{}\n' },
});

const MODEL_FOLDER = path.join(repositoryRoot(), 'models', 'mamba-complete-1');
/** Those with a control of their own; `enable` first, so that the others do not restart the runtime one by one. */
const KEYS = settingKeys.filter((key) => key !== 'languages' && key !== 'exclude');

/** A value that is neither the default nor `laterValue`. */
function firstValue(key: SettingKey): boolean | number | string {
  const definition: SettingDefinition = settingsTable[key];
  switch (definition.type) {
    case 'boolean':
      return !definition.default;
    case 'integer':
      return definition.default + 1;
    case 'number':
      return (definition.minimum + definition.maximum) / 2;
    case 'choice':
      return definition.choices.find((choice) => choice !== definition.default) ?? '';
    case 'string':
      return MODEL_FOLDER;
    case 'switches':
      throw new Error(`${key} has no control of its own`);
  }
}

function laterValue(key: SettingKey): boolean | number | string {
  const definition: SettingDefinition = settingsTable[key];
  switch (definition.type) {
    case 'boolean':
    case 'choice':
      return definition.default;
    case 'integer':
    case 'number':
      return definition.minimum;
    case 'string':
      return '';
    case 'switches':
      throw new Error(`${key} has no control of its own`);
  }
}

async function setInPanel(panel: SettingsPanel, key: SettingKey): Promise<void> {
  const { type }: SettingDefinition = settingsTable[key];
  const value = String(firstValue(key));
  if (type === 'boolean') await panel.toggle(key);
  else if (type === 'choice') await panel.choose(key, value);
  else await panel.fill(key, value);
}

const REFUSED: { key: SettingKey; text: string; reason: string | RegExp }[] = [
  { key: 'maxTokens', text: '5000', reason: 'Enter a number from 1 to 512.' },
  { key: 'maxTokens', text: '2.5', reason: 'Enter a whole number.' },
  { key: 'temperature', text: 'warm', reason: 'Enter a number.' },
  { key: 'modelFolder', text: '/nowhere', reason: /^There is no model in this folder/ },
];

const inFile = (key: string) => `mambaComplete.${key}`;

/** The workspace's settings.json with one text in place of another, saved. */
async function rewriteWorkspaceSettings(workbench: Workbench, settings: object): Promise<void> {
  const { page } = workbench;
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(JSON.stringify(settings));
  await page.keyboard.press('Control+S');
}

windowTest(
  'every control writes its setting to settings.json and follows it there',
  async ({ workbench, host }) => {
    await workbench.openFileAtEnd('settings.json');
    const panel = await new SettingsPanel(workbench).open();
    await workbench.runCommand('View: Move Editor into Right Group');
    await expect(panel.locator('#status')).toHaveText(/\S/);
    for (const key of KEYS) {
      await setInPanel(panel, key);
      await expect.poll(() => host.readSettings()[inFile(key)], key).toBe(firstValue(key));
    }
    await panel.fill('newLanguage', 'cobol');
    await expect.poll(() => host.readSettings()[inFile('languages')]).toEqual({ cobol: false });
    await panel.expectValue('language-cobol', false);
    await screenshot(workbench.page, 'settings-panel-narrow');

    // What is not valid is not written, and the reason stands beside the field until it is mended.
    for (const { key, text, reason } of REFUSED) {
      await panel.fill(key, text);
      await expect(panel.problem(key), text).toHaveText(reason);
      await expect(panel.locator(`#${key}`)).toHaveAttribute('aria-invalid', 'true');
      await panel.fill(key, String(firstValue(key)));
      await expect(panel.problem(key)).toBeEmpty();
      expect(host.readSettings()[inFile(key)]).toBe(firstValue(key));
    }
    await panel.fill('newLanguage', 'not one');
    await expect(panel.problem('languages')).toHaveText(/^A language’s identifier has no blanks/);

    // The other direction: a settings file is edited beside the panel.
    const later = KEYS.map((key) => [inFile(key), laterValue(key)]);
    await rewriteWorkspaceSettings(workbench, {
      ...(Object.fromEntries(later) as Record<string, unknown>),
      'mambaComplete.languages': { cobol: true },
    });
    for (const key of KEYS) await panel.expectValue(key, laterValue(key));
    await panel.expectValue('language-cobol', true);
    await expect(panel.origin('maxTokens')).toHaveText('Set in: Workspace, User.');
  },
);

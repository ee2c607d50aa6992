import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import {
  configurationContribution,
  configurationDefaultsContribution,
  restrictedConfigurations,
} from '../../../../extension/settings/manifest';
import { settingTexts } from '../../../../extension/settings/nls';
import { settingsTable } from '../../../../extension/settings/table';
import {
  commandNames,
  commandsContribution,
  commandTable,
  commandTitleKey,
  keybindingsContribution,
  menusContribution,
} from '../../../../extension/vscode/commandTable';

const root = path.resolve(__dirname, '../../../..');
const manifestText = readFileSync(path.join(root, 'package.json'), 'utf8');
const manifest = v.parse(
  v.looseObject({
    icon: v.string(),
    extensionKind: v.unknown(),
    contributes: v.object({
      configuration: v.unknown(),
      configurationDefaults: v.unknown(),
      commands: v.unknown(),
      menus: v.unknown(),
      keybindings: v.unknown(),
    }),
    capabilities: v.object({
      untrustedWorkspaces: v.object({
        // With `true` VS Code would not look at the list of settings at all.
        supported: v.literal('limited'),
        description: v.string(),
        restrictedConfigurations: v.array(v.string()),
      }),
      virtualWorkspaces: v.literal(true),
    }),
  }),
  JSON.parse(manifestText),
);

function texts(name: string): Record<string, string> {
  const content: unknown = JSON.parse(readFileSync(path.join(root, name), 'utf8'));
  return v.parse(v.record(v.string(), v.string()), content);
}

/** The tables hold `readonly` lists; JSON knows no difference. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('contributes exactly the settings of the table, with its defaults and ranges', () => {
  expect(manifest.contributes.configuration).toEqual(asJson(configurationContribution()));
});

it('has defaults for the box of commit messages, by settings that a language can have of its own', () => {
  const defaults = configurationDefaultsContribution();
  expect(manifest.contributes.configurationDefaults).toEqual(defaults);
  const table: Readonly<Record<string, { scope: string; choices?: readonly string[] }>> =
    settingsTable;
  for (const [name, value] of Object.values(defaults).flatMap(Object.entries)) {
    const setting = table[name.replace('mambaComplete.', '')];
    expect(setting.scope, name).toBe('language-overridable');
    expect(setting.choices, name).toContain(value);
  }
});

it('runs where the files are, and not in a browser without a server', () => {
  expect(manifest.extensionKind).toEqual(['workspace']);
  // What VS Code for the Web would load: without it the extension cannot be installed there.
  expect(manifest).not.toHaveProperty('browser');
  expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(
    'VS Code for the Web without a server is not supported',
  );
});

it('contributes exactly the commands of the table, where and when it says', () => {
  expect(manifest.contributes.commands).toEqual(commandsContribution());
  expect(manifest.contributes.menus).toEqual(menusContribution());
  expect(manifest.contributes.keybindings).toEqual(keybindingsContribution());
});

it('has the texts of the tables in English, and all of them in Korean', () => {
  const titles = commandNames.map((name) => [commandTitleKey(name), commandTable[name].title]);
  const english = texts('package.nls.json');
  expect(english).toMatchObject({ ...Object.fromEntries(titles), ...settingTexts() });
  const korean = texts('package.nls.ko.json');
  expect(Object.keys(korean).sort()).toEqual(Object.keys(english).sort());
  for (const [key, text] of Object.entries(korean)) {
    expect(text, key).not.toBe('');
    // A product's name is the same in both.
    if (english[key] !== 'ONNX Runtime.') expect(text, key).toMatch(/\p{Script=Hangul}/u);
  }
});

it('uses every text, and none that does not exist', () => {
  const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
  expect([...new Set(used)].sort()).toEqual(Object.keys(texts('package.nls.json')).sort());
});

it('takes the model and the engine from trusted workspaces alone', () => {
  const { restrictedConfigurations: restricted } = manifest.capabilities.untrustedWorkspaces;
  expect(restricted).toEqual(restrictedConfigurations());
  expect(restricted).toEqual(['mambaComplete.engine', 'mambaComplete.modelFolder']);
});

it('shows a picture that exists at each step of the walkthrough', () => {
  const pictures = [...manifestText.matchAll(/"image": "([^"]+)"/g)].map(([, picture]) => picture);
  expect(pictures).toHaveLength(3);
  for (const picture of pictures) expect(existsSync(path.join(root, picture)), picture).toBe(true);
});

it('names an icon that exists', () => {
  expect(existsSync(path.join(root, manifest.icon))).toBe(true);
});

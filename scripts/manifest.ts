// Writes what package.json contributes, and package.nls.json, from the tables of settings and commands. A test compares them.
// usage: npm run manifest
import { readFileSync, writeFileSync } from 'node:fs';
import {
  configurationContribution,
  configurationDefaultsContribution,
  restrictedConfigurations,
} from '../extension/settings/manifest';
import { settingTexts } from '../extension/settings/nls';
import {
  commandNames,
  commandsContribution,
  commandTable,
  commandTitleKey,
  keybindingsContribution,
  menusContribution,
} from '../extension/vscode/commandTable';

interface Manifest {
  contributes: Record<string, unknown>;
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
Object.assign(manifest.contributes, {
  configuration: configurationContribution(),
  configurationDefaults: configurationDefaultsContribution(),
  commands: commandsContribution(),
  menus: menusContribution(),
  keybindings: keybindingsContribution(),
});
manifest.capabilities.untrustedWorkspaces.restrictedConfigurations = restrictedConfigurations();
writeJson('package.json', manifest);

const titles = Object.fromEntries(
  commandNames.map((name) => [commandTitleKey(name), commandTable[name].title]),
) as Record<string, string>;
const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
// What no table has, the walkthrough's texts, stays as it stands in the file.
writeJson('package.nls.json', { ...texts, ...titles, ...settingTexts() });

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

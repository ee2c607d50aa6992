import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import {
  configurationContribution,
  restrictedConfigurations,
} from '../../../../extension/settings/manifest';
import { commandsContribution } from '../../../../extension/vscode/commandTable';

const root = path.resolve(__dirname, '../../../..');
const manifest = v.parse(
  v.looseObject({
    icon: v.string(),
    contributes: v.object({ configuration: v.unknown(), commands: v.unknown() }),
    capabilities: v.object({
      untrustedWorkspaces: v.object({
        supported: v.literal(true),
        description: v.string(),
        restrictedConfigurations: v.array(v.string()),
      }),
      virtualWorkspaces: v.literal(true),
    }),
  }),
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')),
);

/** The tables hold `readonly` lists; JSON knows no difference. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('contributes exactly the settings of the table, with its defaults and ranges', () => {
  expect(manifest.contributes.configuration).toEqual(asJson(configurationContribution()));
});

it('contributes exactly the commands of the table', () => {
  expect(manifest.contributes.commands).toEqual(commandsContribution());
});

it('takes the model and the engine from trusted workspaces alone', () => {
  const { restrictedConfigurations: restricted } = manifest.capabilities.untrustedWorkspaces;
  expect(restricted).toEqual(restrictedConfigurations());
  expect(restricted).toEqual(['mambaComplete.engine', 'mambaComplete.modelFolder']);
});

it('names an icon that exists', () => {
  expect(existsSync(path.join(root, manifest.icon))).toBe(true);
});

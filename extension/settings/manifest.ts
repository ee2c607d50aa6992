import { settingTextKey } from './nls';
import type { SettingDefinition, SettingKey, Settings } from './table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from './table';

/** `contributes.configuration` of package.json, made from the table. */
export function configurationContribution(): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  settingKeys.forEach((key, order) => {
    properties[`${SETTINGS_SECTION}.${key}`] = property(key, settingsTable[key], order);
  });
  return { title: 'Mamba Complete', properties };
}

/** `contributes.configurationDefaults`: in the box for commit messages a model of code speaks only when it is asked. */
export function configurationDefaultsContribution(): Record<string, Record<string, unknown>> {
  const manual: Settings['trigger'] = 'manual';
  return { '[scminput]': { [`${SETTINGS_SECTION}.trigger`]: manual } };
}

/** `capabilities.untrustedWorkspaces.restrictedConfigurations`, made from the table. */
export function restrictedConfigurations(): string[] {
  return settingKeys
    .filter((key) => (settingsTable[key] as SettingDefinition).restricted === true)
    .map((key) => `${SETTINGS_SECTION}.${key}`);
}

function property(
  key: SettingKey,
  definition: SettingDefinition,
  order: number,
): Record<string, unknown> {
  const common = {
    default: definition.default,
    scope: definition.scope,
    order,
    markdownDescription: `%${settingTextKey(key)}%`,
  };
  switch (definition.type) {
    case 'boolean':
    case 'string':
      return { type: definition.type, ...common };
    case 'integer':
    case 'number':
      return {
        type: definition.type,
        ...common,
        minimum: definition.minimum,
        maximum: definition.maximum,
      };
    case 'choice':
      return {
        type: 'string',
        ...common,
        enum: definition.choices,
        markdownEnumDescriptions: definition.choices.map(
          (choice) => `%${settingTextKey(key, choice)}%`,
        ),
      };
    case 'switches':
      return { type: 'object', ...common, additionalProperties: { type: 'boolean' } };
  }
}

import type { SettingDefinition, SettingKey } from './table';
import { settingKeys, settingsTable } from './table';

/** Key of a setting's description in package.nls.json; with a choice, of that choice's description. */
export function settingTextKey(key: SettingKey, choice?: string): string {
  return choice === undefined ? `setting.${key}` : `setting.${key}.${choice}`;
}

/** The settings' English texts for package.nls.json, made from the table. */
export function settingTexts(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const key of settingKeys) {
    const definition: SettingDefinition = settingsTable[key];
    texts[settingTextKey(key)] = definition.description;
    if (definition.type !== 'choice') continue;
    definition.choices.forEach((choice, i) => {
      texts[settingTextKey(key, choice)] = definition.choiceDescriptions[i] ?? '';
    });
  }
  return texts;
}

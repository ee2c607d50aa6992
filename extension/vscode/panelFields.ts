import * as v from 'valibot';
import type { SettingField, SettingSection } from '../../webview/protocol';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from '../settings/table';

/** Where a setting stands in the panel. One that is not named here is shown under «Generation». */
const SECTIONS: Partial<Record<SettingKey, SettingSection>> = {
  enable: 'general',
  modelFolder: 'model',
  weights: 'model',
  engine: 'engine',
  threads: 'engine',
  trigger: 'timing',
  debounceMs: 'timing',
  minimumPrefix: 'timing',
  inComments: 'timing',
  inStrings: 'timing',
  suggestAhead: 'timing',
  useIgnoreFiles: 'general',
  prewarm: 'timing',
  stateBudgetMb: 'memory',
};

/** What VS Code knows of a setting's value. */
export interface SettingOrigin {
  isFromWorkspace: boolean;
  isDefault: boolean;
}

const contributionSchema = v.object({
  contributes: v.object({
    configuration: v.object({
      properties: v.record(
        v.string(),
        v.looseObject({
          markdownDescription: v.optional(v.string(), ''),
          markdownEnumDescriptions: v.optional(v.array(v.string()), []),
        }),
      ),
    }),
  }),
});

/** The settings' descriptions in the editor's language, as VS Code has put them into the extension's manifest. */
export class SettingDescriptions {
  private readonly properties: v.InferOutput<
    typeof contributionSchema
  >['contributes']['configuration']['properties'];

  constructor(manifest: unknown) {
    const parsed = v.safeParse(contributionSchema, manifest);
    this.properties = parsed.success ? parsed.output.contributes.configuration.properties : {};
  }

  of(key: SettingKey): string {
    return plain(this.properties[`${SETTINGS_SECTION}.${key}`]?.markdownDescription ?? '');
  }

  ofChoice(key: SettingKey, index: number): string {
    const texts = this.properties[`${SETTINGS_SECTION}.${key}`]?.markdownEnumDescriptions;
    return plain(texts?.[index] ?? '');
  }
}

/** A field of the panel for every setting but those that are objects, in the table's order. */
export function settingFields(
  settings: Settings,
  originOf: (key: SettingKey) => SettingOrigin,
  descriptions: SettingDescriptions,
  labelOf: (key: SettingKey) => string,
): SettingField[] {
  return settingKeys.flatMap((key): SettingField[] => {
    const definition: SettingDefinition = settingsTable[key];
    const common = {
      key,
      section: SECTIONS[key] ?? 'generation',
      label: labelOf(key),
      description: descriptions.of(key),
      ...originOf(key),
    };
    const raw = settings[key];
    const value = typeof raw === 'object' ? '' : raw;
    switch (definition.type) {
      case 'switches':
        return [];
      case 'boolean':
        return [{ ...common, type: 'boolean', value: value === true }];
      case 'string':
        return [{ ...common, type: 'string', value: String(value) }];
      case 'integer':
      case 'number': {
        const { type, minimum, maximum } = definition;
        return [{ ...common, type, value: Number(value), minimum, maximum }];
      }
      case 'choice': {
        const choices = definition.choices.map((choice, i) => ({
          value: choice,
          description: descriptions.ofChoice(key, i),
        }));
        return [{ ...common, type: 'choice', value: String(value), choices }];
      }
    }
  });
}

/** `debounceMs` → `Debounce ms`, for a setting without a label of its own. */
export function spelledOut(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function plain(markdown: string): string {
  return markdown.replace(/\*\*|`/g, '');
}

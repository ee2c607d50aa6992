import * as v from 'valibot';
import type { SettingField, SettingSection } from '../../webview/protocol';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { SETTINGS_SECTION, settingsTable } from '../settings/table';

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
  onBattery: 'timing',
  stateBudgetMb: 'memory',
};

/** A setting as the panel's scope sees it. */
export interface ScopedValue {
  value: Settings[SettingKey];
  origin: string;
  isSetHere: boolean;
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

/** A field of the panel for each of these settings but those that are objects. */
export function settingFields(
  keys: readonly SettingKey[],
  valueOf: (key: SettingKey) => ScopedValue,
  descriptions: SettingDescriptions,
  labelOf: (key: SettingKey) => string,
): SettingField[] {
  return keys.flatMap((key): SettingField[] => {
    const definition: SettingDefinition = settingsTable[key];
    const { value: raw, origin, isSetHere } = valueOf(key);
    const common = {
      key,
      section: SECTIONS[key] ?? 'generation',
      label: labelOf(key),
      description: descriptions.of(key),
      origin,
      isSetHere,
    };
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

import * as v from 'valibot';
import type { SettingDefinition, SettingKey, Settings } from './table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from './table';

export interface ParsedSettings {
  settings: Settings;
  /** What was wrong with the values, for the log. */
  problems: string[];
}

/**
 * Makes typed settings of whatever stands in the user's files. Never throws: a value of a wrong type gives the default,
 * a number out of range the nearest bound.
 */
export function parseSettings(read: (key: SettingKey) => unknown): ParsedSettings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const definition: SettingDefinition = settingsTable[key];
    const raw = read(key);
    const { value, isValid } = parseSetting(definition, raw);
    values[key] = value;
    if (!isValid) {
      const used = JSON.stringify(value);
      problems.push(`${SETTINGS_SECTION}.${key}: ${show(raw)} is not valid, ${used} is used`);
    }
  }
  // The loop above has set every key of the table to a value of its definition's type.
  return { settings: values as unknown as Settings, problems };
}

/** One value of a setting's type. `undefined` is valid and means the default. */
export function parseSetting(
  definition: SettingDefinition,
  raw: unknown,
): { value: unknown; isValid: boolean } {
  if (raw === undefined) return { value: definition.default, isValid: true };
  switch (definition.type) {
    case 'boolean':
      return orDefault(definition, v.safeParse(v.boolean(), raw));
    case 'string':
      return orDefault(definition, v.safeParse(v.string(), raw));
    case 'choice':
      return orDefault(definition, v.safeParse(v.picklist(definition.choices), raw));
    case 'switches':
      return orDefault(definition, v.safeParse(v.record(v.string(), v.boolean()), raw));
    case 'integer':
    case 'number': {
      const parsed = v.safeParse(v.pipe(v.number(), v.finite()), raw);
      if (!parsed.success) return { value: definition.default, isValid: false };
      const whole = definition.type === 'integer' ? Math.round(parsed.output) : parsed.output;
      const value = Math.min(definition.maximum, Math.max(definition.minimum, whole));
      return { value, isValid: value === raw };
    }
  }
}

function orDefault(
  definition: SettingDefinition,
  parsed: { success: true; output: unknown } | { success: false },
): { value: unknown; isValid: boolean } {
  return parsed.success
    ? { value: parsed.output, isValid: true }
    : { value: definition.default, isValid: false };
}

function show(raw: unknown): string {
  try {
    return JSON.stringify(raw).slice(0, 80);
  } catch {
    // Settings come from JSON; anything else is only named.
    return typeof raw;
  }
}

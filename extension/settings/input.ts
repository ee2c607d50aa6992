import type { SettingDefinition } from './table';

/** What was typed or chosen for a setting: its value, or what is wrong with it. */
export type SettingInput =
  | { kind: 'value'; value: boolean | number | string }
  | { kind: 'notANumber' }
  | { kind: 'notWhole' }
  | { kind: 'outOfRange'; minimum: number; maximum: number }
  | { kind: 'unknown' };

/** Stricter than `parseSetting`: nothing is rounded or replaced, since the user is there to be told. */
export function parseSettingInput(
  definition: SettingDefinition,
  input: boolean | string,
): SettingInput {
  switch (definition.type) {
    case 'boolean':
      return typeof input === 'boolean' ? { kind: 'value', value: input } : { kind: 'unknown' };
    case 'string':
      return typeof input === 'string' ? { kind: 'value', value: input } : { kind: 'unknown' };
    case 'choice':
      return typeof input === 'string' && definition.choices.includes(input)
        ? { kind: 'value', value: input }
        : { kind: 'unknown' };
    case 'switches':
      return { kind: 'unknown' };
    case 'integer':
    case 'number': {
      const value = typeof input === 'string' && input.trim() !== '' ? Number(input) : NaN;
      if (!Number.isFinite(value)) return { kind: 'notANumber' };
      if (definition.type === 'integer' && !Number.isInteger(value)) return { kind: 'notWhole' };
      const { minimum, maximum } = definition;
      return value < minimum || value > maximum
        ? { kind: 'outOfRange', minimum, maximum }
        : { kind: 'value', value };
    }
  }
}

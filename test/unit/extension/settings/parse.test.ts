import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLanguageEnabled, withLanguage } from '../../../../extension/settings/languages';
import { parseSettings } from '../../../../extension/settings/parse';
import type { SettingDefinition, SettingKey } from '../../../../extension/settings/table';
import { settingKeys, settingsTable } from '../../../../extension/settings/table';

const parse = (values: Partial<Record<SettingKey, unknown>>) => parseSettings((key) => values[key]);

it('gives the defaults when nothing is set', () => {
  const { settings, problems } = parse({});
  expect(problems).toEqual([]);
  for (const key of settingKeys) expect(settings[key]).toEqual(settingsTable[key].default);
});

it('keeps valid values', () => {
  const values = { enable: false, debounceMs: 0, multiline: 'never', languages: { go: false } };
  const { settings, problems } = parse(values);
  expect(settings).toMatchObject(values);
  expect(problems).toEqual([]);
});

it('gives the default for a value of a wrong type and says so', () => {
  const { settings, problems } = parse({ enable: 'yes', maxTokens: '12', multiline: 'sometimes' });
  expect(settings).toMatchObject({ enable: true, maxTokens: 64, multiline: 'auto' });
  expect(problems).toHaveLength(3);
  expect(problems[0]).toContain('mambaComplete.enable: "yes"');
});

it('takes the nearest bound for a number out of range', () => {
  const { settings, problems } = parse({ debounceMs: -5, maxTokens: 1e9, topP: 0 });
  expect(settings).toMatchObject({ debounceMs: 0, maxTokens: 512, topP: 0.01 });
  expect(problems).toHaveLength(3);
});

it('never throws and never leaves the range, whatever stands in the files', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...settingKeys), fc.anything()), (values) => {
      const { settings } = parse(values);
      for (const key of settingKeys) {
        const definition: SettingDefinition = settingsTable[key];
        expect(typeof settings[key]).toBe(typeof definition.default);
        if (definition.type === 'integer' || definition.type === 'number') {
          expect(settings[key]).toBeGreaterThanOrEqual(definition.minimum);
          expect(settings[key]).toBeLessThanOrEqual(definition.maximum);
        }
      }
    }),
  );
});

it('lets a language switch count before the one for all languages', () => {
  expect(isLanguageEnabled({ '*': true, markdown: false }, 'markdown')).toBe(false);
  expect(isLanguageEnabled({ '*': false, markdown: true }, 'markdown')).toBe(true);
  expect(isLanguageEnabled({ '*': false }, 'go')).toBe(false);
  expect(isLanguageEnabled({}, 'toString')).toBe(true);
});

it('leaves the other languages alone when one is switched', () => {
  const before = { '*': true, go: false };
  expect(withLanguage(before, 'python', false)).toEqual({ '*': true, go: false, python: false });
  expect(before).toEqual({ '*': true, go: false });
});

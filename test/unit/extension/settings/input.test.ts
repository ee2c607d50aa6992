import { expect, it } from 'vitest';
import { parseSettingInput } from '../../../../extension/settings/input';
import { settingsTable } from '../../../../extension/settings/table';

const { maxTokens, temperature, engine, enable, modelFolder, languages } = settingsTable;

it('takes what the setting can be', () => {
  expect(parseSettingInput(maxTokens, ' 20 ')).toEqual({ kind: 'value', value: 20 });
  expect(parseSettingInput(temperature, '0.5')).toEqual({ kind: 'value', value: 0.5 });
  expect(parseSettingInput(engine, 'onnx')).toEqual({ kind: 'value', value: 'onnx' });
  expect(parseSettingInput(enable, false)).toEqual({ kind: 'value', value: false });
  expect(parseSettingInput(modelFolder, '')).toEqual({ kind: 'value', value: '' });
});

it('says what is wrong with a number', () => {
  expect(parseSettingInput(maxTokens, '')).toEqual({ kind: 'notANumber' });
  expect(parseSettingInput(maxTokens, '12 tokens')).toEqual({ kind: 'notANumber' });
  expect(parseSettingInput(maxTokens, 'Infinity')).toEqual({ kind: 'notANumber' });
  expect(parseSettingInput(maxTokens, '1.5')).toEqual({ kind: 'notWhole' });
  expect(parseSettingInput(maxTokens, '513')).toEqual({
    kind: 'outOfRange',
    minimum: 1,
    maximum: 512,
  });
});

it('takes no value of another type, and no switches', () => {
  expect(parseSettingInput(engine, 'gpu')).toEqual({ kind: 'unknown' });
  expect(parseSettingInput(enable, 'true')).toEqual({ kind: 'unknown' });
  expect(parseSettingInput(languages, 'x')).toEqual({ kind: 'unknown' });
});

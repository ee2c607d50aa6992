import { expect, it } from 'vitest';
import {
  EVERYWHERE,
  placesSet,
  placeToWrite,
  strongerPlaces,
  valueIn,
} from '../../../../extension/settings/scopes';

const user = { target: 'user', language: undefined } as const;
const workspace = { target: 'workspace', language: undefined } as const;
const python = { target: undefined, language: 'python' } as const;

it('writes where a setting is set, the strongest place first, and else to the user’s settings', () => {
  expect(placeToWrite({ defaultValue: 4 }, EVERYWHERE)).toEqual({
    target: 'user',
    isForLanguage: false,
  });
  expect(placeToWrite({ globalValue: 1, workspaceValue: 2 }, EVERYWHERE).target).toBe('workspace');
  expect(placeToWrite({ workspaceValue: 2, workspaceFolderValue: false }, EVERYWHERE).target).toBe(
    'folder',
  );
});

it('writes to the place that was chosen, whatever is set', () => {
  expect(placeToWrite({ workspaceValue: 2 }, user)).toEqual({
    target: 'user',
    isForLanguage: false,
  });
  expect(placeToWrite({}, { target: 'workspace', language: 'go' })).toEqual({
    target: 'workspace',
    isForLanguage: true,
  });
});

it('writes an override for the chosen language even where only all languages have a value', () => {
  expect(placeToWrite({ workspaceValue: 2 }, python)).toEqual({
    target: 'user',
    isForLanguage: true,
  });
  expect(placeToWrite({ globalLanguageValue: 2, workspaceLanguageValue: 3 }, python).target).toBe(
    'workspace',
  );
});

it('shows the value that counts in the chosen file', () => {
  const inspection = { defaultValue: 1, globalValue: 2, workspaceValue: 3 };
  expect(valueIn(inspection, EVERYWHERE)).toBe(3);
  expect(valueIn(inspection, workspace)).toBe(3);
  expect(valueIn(inspection, user)).toBe(2);
  expect(valueIn({ defaultValue: 1, workspaceValue: 3 }, user)).toBe(1);
});

it('takes what is set for a language before a workspace’s value for all', () => {
  const inspection = { defaultValue: 1, globalLanguageValue: 2, workspaceValue: 3 };
  expect(valueIn(inspection, python)).toBe(2);
  expect(valueIn({ ...inspection, globalLanguageValue: undefined }, python)).toBe(3);
  expect(valueIn({ defaultValue: 1, globalValue: 2, defaultLanguageValue: 5 }, python)).toBe(5);
});

it('names the places that are set, and those that count before one', () => {
  const inspection = { globalValue: 0, globalLanguageValue: '', workspaceFolderValue: false };
  expect(placesSet(inspection)).toEqual([
    { target: 'user', isForLanguage: true },
    { target: 'folder', isForLanguage: false },
    { target: 'user', isForLanguage: false },
  ]);
  expect(strongerPlaces(inspection, { target: 'workspace', isForLanguage: false })).toEqual([
    { target: 'user', isForLanguage: true },
    { target: 'folder', isForLanguage: false },
  ]);
});

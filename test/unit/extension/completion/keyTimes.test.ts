import { expect, it } from 'vitest';
import { KeyTimes } from '../../../../extension/completion/keyTimes';

it('counts from the last key of the document, once, and not from one long ago', () => {
  let now = 100;
  const keys = new KeyTimes(() => now);
  keys.note('a');
  now = 130;
  keys.note('a');
  keys.note('b');
  now = 200;
  expect(keys.take('a')).toBe(130);
  expect(keys.take('a')).toBeUndefined();
  now = 2131;
  expect(keys.take('b')).toBeUndefined();
  keys.note('c');
  keys.forget('c');
  expect(keys.take('c')).toBeUndefined();
});

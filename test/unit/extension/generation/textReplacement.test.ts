import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  positionAfter,
  replacementBetween,
} from '../../../../extension/generation/textReplacement';

const ORIGIN = { line: 3, character: 7 };

it('appends what is new', () => {
  expect(replacementBetween(ORIGIN, 'a\nb', 'a\nbc')).toEqual({
    start: { line: 4, character: 1 },
    end: { line: 4, character: 1 },
    text: 'c',
  });
  expect(replacementBetween(ORIGIN, 'ab', 'ab')).toBeUndefined();
});

it('takes back what a later text no longer has', () => {
  expect(replacementBetween(ORIGIN, 'ab\n', 'a')).toEqual({
    start: { line: 3, character: 8 },
    end: { line: 4, character: 0 },
    text: '',
  });
});

it('turns any text into any other, never inside a character', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀', '😁') });
  fc.assert(
    fc.property(text, text, (written, wanted) => {
      const replacement = replacementBetween(ORIGIN, written, wanted);
      if (replacement === undefined) {
        expect(written).toBe(wanted);
        return;
      }
      const kept = wanted.slice(0, wanted.length - replacement.text.length);
      expect(replacement.start).toEqual(positionAfter(ORIGIN, kept));
      expect(written.startsWith(kept)).toBe(true);
      expect(replacement.end).toEqual(positionAfter(ORIGIN, written));
      expect(kept).toSatisfy((part: string) => !/\p{Surrogate}/u.test(part));
    }),
  );
});

import { expect, it } from 'vitest';
import { DocumentText } from '../../../model-runtime/state/documentText';
import {
  isSegmentStart,
  previousSegmentStart,
  segmentsBetween,
} from '../../../model-runtime/state/segments';
import { applyToString, codeFixtures, randomEdit, toChange } from '../../support/editScripts';
import { shippedTokenizer } from '../../support/model';
import { createRandom } from '../../support/random';

const START = { line: 0, character: 0 };
const tokenizer = shippedTokenizer();

function segmentIds(text: DocumentText): number[] {
  return segmentsBetween(text, START, text.end()).flatMap((s) => [...tokenizer.encode(s.text)]);
}

it(
  'gives, after any edits, the text of a plain string and the ids of the whole text',
  { timeout: 60_000 },
  () => {
    const random = createRandom(7);
    const fixtures = codeFixtures();
    for (let script = 0; script < 100; script++) {
      let expected = fixtures[script % fixtures.length].slice(0, 800);
      const text = new DocumentText(expected);
      for (let step = 0; step < 100; step++) {
        const edit = randomEdit(expected, random);
        expect(text.apply(toChange(expected, edit))).toBe(true);
        expected = applyToString(expected, edit);
        expect(text.text()).toBe(expected);
        if (step % 5 === 0) expect(segmentIds(text)).toEqual([...tokenizer.encode(expected)]);
      }
    }
  },
);

it('cuts giant lines where no token goes on, and elsewhere only inside giant words', () => {
  const line = 'const value = compute(first, second); '.repeat(200);
  const text = new DocumentText(`short\n${line}\nafter`);
  const segments = segmentsBetween(text, START, text.end());
  expect(segments.length).toBeGreaterThan(10);
  for (const segment of segments) expect(segment.text.length).toBeLessThan(1600);
  expect(segmentIds(text)).toEqual([...tokenizer.encode(text.text())]);
  const word = new DocumentText('😀'.repeat(5000));
  for (const { text: part } of segmentsBetween(word, START, word.end())) {
    expect(part).not.toMatch(/\p{Surrogate}/u);
  }
});

it('finds each segment start from the one after it', () => {
  const text = new DocumentText('\n\na\n\n  \nb\n' + 'x y '.repeat(600) + '\n\n');
  const starts = segmentsBetween(text, START, text.end()).map(({ start }) => start);
  for (const [i, start] of starts.entries()) {
    expect(isSegmentStart(text, start)).toBe(true);
    if (i > 0) expect(previousSegmentStart(text, start)).toEqual(starts[i - 1]);
  }
});

it('refuses a change outside the text', () => {
  const text = new DocumentText('a\nb');
  const outside = { line: 1, character: 2 };
  expect(text.apply({ start: START, end: outside, text: '' })).toBe(false);
  expect(text.apply({ start: outside, end: outside, text: '' })).toBe(false);
  expect(text.apply({ start: { line: 1, character: 0 }, end: START, text: '' })).toBe(false);
  expect(text.text()).toBe('a\nb');
});

import { expect, it } from 'vitest';
import {
  alternativesPlace,
  alternativeTexts,
} from '../../../../extension/generation/alternativeTexts';
import type { StopReason } from '../../../../model-runtime/protocol/messages';
import { place } from '../support/textNotation';

function listed(
  marked: string,
  texts: readonly string[],
  options: { eol?: '\n' | '\r\n'; stopReason?: StopReason } = {},
) {
  const { source, position } = place(marked, options);
  const { stopReason = 'endOfBlock' } = options;
  const said = texts.map((text, i) => ({ text, stopReason, meanLogProbability: -i }));
  return alternativeTexts(said, alternativesPlace(source, position, 4));
}

const inserted = (...given: Parameters<typeof listed>) =>
  listed(...given).map(({ insertText }) => insertText);

it('lists each text once, in the model’s order, with how likely it was', () => {
  expect(listed('return ↓', ['a;', 'b;', 'a; ', 'c;'])).toEqual([
    { insertText: 'a;', replacedAfter: 0, meanLogProbability: -0 },
    { insertText: 'b;', replacedAfter: 0, meanLogProbability: -1 },
    { insertText: 'c;', replacedAfter: 0, meanLogProbability: -3 },
  ]);
});

it('leaves out what is nothing, and what stands below already', () => {
  expect(inserted('f(↓\nreturn a;\n', ['', ' \n', 'a)'])).toEqual(['a)']);
  expect(inserted('{\n↓\nreturn a;\n', ['return a;', 'return b;'])).toEqual(['return b;']);
});

it('doubles no closing bracket: the one behind the cursor is replaced', () => {
  expect(listed('area(↓)', ['width, height)'])).toMatchObject([{ insertText: 'width, height' }]);
  expect(listed('area(↓);', ['width);', 'f(width)'])).toMatchObject([
    { insertText: 'width', replacedAfter: 0 },
    { insertText: 'f(width)', replacedAfter: 0 },
  ]);
});

it('goes on for further lines only where nothing follows the cursor on its line', () => {
  expect(inserted('f(↓', ['a,\n  b)'])).toEqual(['a,\n  b)']);
  expect(inserted('f(↓)', ['a,\n  b)'])).toEqual(['a,']);
});

it('has the document’s line ends, and no line that was cut off', () => {
  expect(inserted('if (a) {↓', ['\n  b();\n  c();'], { eol: '\r\n' })).toEqual([
    '\r\n  b();\r\n  c();',
  ]);
  expect(inserted('if (a) {↓', ['\n  b();\n  c('], { stopReason: 'maxTokens' })).toEqual([
    '\n  b();',
  ]);
});

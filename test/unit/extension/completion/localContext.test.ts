import { expect, it } from 'vitest';
import { localContext } from '../../../../extension/completion/localContext';
import type { Place } from '../support/textNotation';
import { place, textSource } from '../support/textNotation';

const build = ({ source, position }: Place) => localContext(source, position);
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `line ${i} `.padEnd(40, 'x'));

it('gives a small document whole', () => {
  expect(build(place('one\ntwo↓ three\nfour\n'))).toEqual({
    documentId: 'file:///project/src/a.ts',
    prefix: 'one\ntwo',
    suffix: ' three\nfour\n',
  });
});

it('gives LF only for CRLF and mixed ends', () => {
  const context = build(place('a\r\nb\nc\rd↓\r\ne', { eol: '\r\n' }));
  expect(context).toMatchObject({ prefix: 'a\nb\nc\nd', suffix: '\ne' });
});

it('replaces lone surrogates and keeps pairs', () => {
  const context = build(place('"\ud83d" "\ude00" "😀" ↓\ude00 "😀" \ud83d'));
  expect(context.prefix).toBe('"\ufffd" "\ufffd" "😀" ');
  expect(context.suffix).toBe('\ufffd "😀" \ufffd');
});

it('puts the selected entry of the suggestion list in place of the word before the cursor', () => {
  const { source, position } = place('console.lo↓)');
  const pending = { start: { line: 0, character: 8 }, text: 'log' };
  const context = localContext(source, position, pending);
  expect(context).toMatchObject({ prefix: 'console.log', suffix: ')' });
});

it('starts at a line that stays while the cursor goes down, and reads few lines of a large document', () => {
  const source = textSource(numbered(125_000));
  const starts = new Set<string>();
  for (let line = 100_000; line < 100_016; line++) {
    starts.add(localContext(source, { line, character: 3 }).prefix.slice(0, 12));
  }
  expect(starts.size).toBe(1);
  expect(source.readCount).toBeLessThan(16 * 50);
});

it('starts inside a giant line at a character that stays while typing', () => {
  const source = textSource(['x' + '😀'.repeat(50_000)]);
  for (const character of [40_001, 40_901]) {
    const { prefix, suffix } = localContext(source, { line: 0, character });
    expect(prefix.length).toBe(character - 38_912 - 1 + 0);
    expect(prefix + suffix).not.toContain('\ufffd');
  }
});

it('gives at most 400 characters after the cursor, whole lines where it can', () => {
  const { suffix } = localContext(textSource(numbered(100)), { line: 0, character: 39 });
  expect(suffix.split('\n')).toHaveLength(10);
  const giant = localContext(textSource(['x'.repeat(1_000_000), 'next']), {
    line: 0,
    character: 10,
  });
  expect(giant.suffix).toBe('x'.repeat(400));
});

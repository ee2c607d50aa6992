import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRequestContext } from '../../../../extension/completion/requestContext';
import type { Place } from '../support/textNotation';
import { place, textSource } from '../support/textNotation';

function build({ source, position }: Place, contextCharacters = 6000) {
  return buildRequestContext({ source, position, path: 'a.ts', contextCharacters });
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `line ${i} `.padEnd(40, 'x'));

it('gives a small document whole', () => {
  expect(build(place('one\ntwo↓ three\nfour\n'))).toEqual({
    documentId: 'file:///project/src/a.ts',
    path: 'a.ts',
    prefix: 'one\ntwo',
    suffix: ' three\nfour\n',
  });
});

it('gives an empty document', () => {
  expect(build(place('↓'))).toMatchObject({ prefix: '', suffix: '' });
});

it('gives LF only for CRLF and mixed ends', () => {
  const context = build(place('a\r\nb\nc\rd↓\r\ne', { eol: '\r\n' }));
  expect(context).toMatchObject({ prefix: 'a\nb\nc\nd', suffix: '\ne' });
  // Line separators that the editor leaves inside a line.
  const odd = { source: textSource(['a\rb', 'c\r\nd']), position: { line: 1, character: 2 } };
  expect(build(odd).prefix).toBe('a\nb\nc\n');
});

it('replaces lone surrogates and keeps pairs', () => {
  const context = build(place('"\ud83d" "\ude00" "😀" ↓\ude00 "😀" \ud83d'));
  expect(context.prefix).toBe('"\ufffd" "\ufffd" "😀" ');
  expect(context.suffix).toBe('\ufffd "😀" \ufffd');
});

it('puts the selected entry of the suggestion list in place of the word before the cursor', () => {
  const { source, position } = place('console.lo↓)');
  const pending = { start: { line: 0, character: 8 }, text: 'log' };
  const options = { source, position, pending, path: 'a.ts', contextCharacters: 6000 };
  expect(buildRequestContext(options)).toMatchObject({ prefix: 'console.log', suffix: ')' });
});

describe('the window before the cursor', () => {
  it('has at most the given characters and, in a long document, at least half of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 500, max: 3000 }),
        (lengths, seed, limit) => {
          const lines = lengths.map((length, i) => String(i % 10).repeat(length));
          const line = seed % lines.length;
          const source = textSource(lines);
          const { prefix } = build(
            { source, position: { line, character: lines[line].length } },
            limit,
          );
          const all = lines.slice(0, line + 1).join('\n');
          expect(all.endsWith(prefix)).toBe(true);
          expect(prefix.length).toBeLessThanOrEqual(limit);
          expect(prefix.length).toBeGreaterThanOrEqual(Math.min(all.length, limit / 2));
        },
      ),
    );
  });

  it('starts at line 0 as long as that fits', () => {
    const source = textSource(numbered(140));
    expect(build({ source, position: { line: 139, character: 40 } }).prefix).toMatch(/^line 0 /);
  });

  it('starts at a multiple of 32 lines in a long document, and rarely elsewhere while typing on', () => {
    const source = textSource(numbered(2000));
    const starts: number[] = [];
    for (let line = 200; line < 2000; line++) {
      const { prefix } = build({ source, position: { line, character: 10 } });
      starts.push(Number(prefix.slice('line '.length).split(' ', 1)[0]));
    }
    for (const start of starts) expect(start % 32).toBe(0);
    const moves = starts.filter((start, i) => i > 0 && start !== starts[i - 1]).length;
    // A window of 6,000 characters has 146 such lines.
    expect(moves).toBeLessThanOrEqual(1800 / 48);
  });

  it('starts inside a giant line at a character that stays while typing', () => {
    const line = 'abcdefghij'.repeat(100_000);
    const starts = new Set<number>();
    for (let character = 500_000; character < 501_000; character += 10) {
      const { prefix } = build({ source: textSource([line]), position: { line: 0, character } });
      expect(prefix.length).toBeLessThanOrEqual(6000);
      expect(prefix.length).toBeGreaterThanOrEqual(3000);
      const start = character - prefix.length;
      expect(start % 2048).toBe(0);
      starts.add(start);
    }
    expect(starts.size).toBeLessThanOrEqual(2);
  });

  it('takes the end of a giant line above, from a character that stays while typing', () => {
    const starts = new Set<number>();
    for (let character = 0; character < 200; character++) {
      const source = textSource(['abcdefghij'.repeat(100_000), 'x'.repeat(character)]);
      const { prefix } = build({ source, position: { line: 1, character } });
      expect(prefix.length).toBeLessThanOrEqual(6000);
      expect(prefix.length).toBeGreaterThanOrEqual(3000);
      starts.add(1_000_000 + 1 + character - prefix.length);
    }
    expect(starts.size).toBeLessThanOrEqual(2);
  });

  it('does not cut a character of a giant line in two', () => {
    const source = textSource(['x' + '😀'.repeat(50_000)]);
    const { prefix, suffix } = build({ source, position: { line: 0, character: 40_001 } });
    expect(prefix).toMatch(/^😀/u);
    expect(prefix + suffix).not.toContain('\ufffd');
  });

  it('reads few lines of a document of 5 MB', () => {
    const source = textSource(numbered(125_000));
    build({ source, position: { line: 100_000, character: 40 } });
    expect(source.readCount).toBeLessThan(600);
  });
});

describe('the text after the cursor', () => {
  it('has whole lines, at most 400 characters', () => {
    const source = textSource(numbered(100));
    const { suffix } = build({ source, position: { line: 0, character: 39 } });
    expect(suffix.split('\n')).toHaveLength(10);
    expect(suffix.split('\n').at(-1)).toBe(numbered(100)[9]);
  });

  it('is cut in a giant line', () => {
    const source = textSource(['x'.repeat(1_000_000), 'next']);
    expect(build({ source, position: { line: 0, character: 10 } }).suffix).toBe('x'.repeat(400));
  });
});

import { describe, expect, it } from 'vitest';
import { contextStart } from '../../../model-runtime/generation/context';
import { buildTail, headerTokens, textTokens } from '../../../model-runtime/generation/prompt';
import { regionStart } from '../../../model-runtime/generation/region';
import { isSameSuffix, textAfter } from '../../../model-runtime/generation/suffix';
import { DocumentText } from '../../../model-runtime/state/documentText';
import { positionAt } from '../../support/editScripts';
import { shippedTokenizer, SHIPPED_FORMAT } from '../../support/model';

const tokenizer = shippedTokenizer();
const numberedLines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line${from + i}();\n`).join('');

function decodeWithNames(tokens: Iterable<number>): string {
  const names = ['<|endoftext|>', '<|file_sep|>', '<|fim_suffix|>', '<|fim_middle|>'];
  return [...tokens].map((id) => names[id] ?? tokenizer.decode([id])).join('');
}

/** The prompt between the two parts of a text. */
function build(before: string, after: string, previous?: { line: number; character: number }) {
  const text = new DocumentText(before + after);
  const cursor = positionAt(before + after, before.length);
  const region = regionStart(text, cursor, previous);
  const suffix = textAfter(text, cursor);
  const tail = buildTail(text, region, cursor, '', suffix, tokenizer, SHIPPED_FORMAT);
  const plain = textTokens(text, { line: 0, character: 0 }, region, tokenizer);
  const header = headerTokens('src/a.ts', tokenizer, SHIPPED_FORMAT);
  const tokens = [...header, ...plain.flatMap((part) => [...part.tokens]), ...tail.tokens];
  return { region, tail, tokens };
}

describe('the region', () => {
  const start = (text: string, previous?: { line: number; character: number }) =>
    build(text, '', previous).region;

  it('starts six lines above the cursor’s line, on a line with something in it', () => {
    expect(start(numberedLines(0, 20) + 'foo')).toEqual({ line: 14, character: 0 });
    expect(start('a\n\n\n' + '\n'.repeat(6))).toEqual({ line: 0, character: 0 });
    expect(start('a\nb')).toEqual({ line: 0, character: 0 });
    expect(start('')).toEqual({ line: 0, character: 0 });
  });

  it('keeps the earlier start while the cursor goes down up to twelve lines below it', () => {
    const previous = { line: 14, character: 0 };
    for (const below of [1, 6, 12]) {
      expect(start(numberedLines(0, 14 + below), previous)).toEqual(previous);
    }
    expect(start(numberedLines(0, 27), previous)).toEqual({ line: 21, character: 0 });
  });

  it('is short in a giant line', () => {
    const { tokens, region } = build('const value = 1; '.repeat(10_000), '');
    expect(region.character).toBeGreaterThan(160_000);
    expect(tokens.length).toBeGreaterThan(10_000);
  });
});

describe('the prompt', () => {
  it('has the region-infill form', () => {
    expect(decodeWithNames(build('one\ntwo\n  th', 'ree\nfour\n').tokens)).toBe(
      '<|file_sep|>src/a.ts\n<|fim_suffix|>ree\nfour\n<|fim_middle|>one\ntwo\n  th',
    );
  });

  it('has the plain form when nothing follows the cursor', () => {
    expect(decodeWithNames(build('one\n', '\n  \n').tokens)).toBe('<|file_sep|>src/a.ts\none\n');
  });

  it('reads a lone surrogate as U+FFFD and no special token from text', () => {
    const { tokens } = build('"\ud83d" <|fim_middle|>', '');
    expect(tokenizer.decode(tokens.slice(1))).toContain('"\ufffd" <|fim_middle|>');
    expect(tokens).not.toContain(3);
  });

  it('marks as stable what typing on cannot change', () => {
    const base = numberedLines(0, 10) + '  return foo.ba';
    const { tail, region } = build(base, ' }\n');
    expect(tail.stableLength).toBeLessThan(tail.tokens.length);
    for (const typed of ['r', 'r(', 'r()', '.', ' ', '1', '\n']) {
      const next = build(base + typed, ' }\n', region).tail;
      expect(next.tokens.slice(0, tail.stableLength)).toEqual(
        tail.tokens.slice(0, tail.stableLength),
      );
    }
  });
});

describe('the text after the cursor', () => {
  const after = (text: string) => textAfter(new DocumentText(text), { line: 0, character: 0 });

  it('has whole lines, at most 400 characters', () => {
    const suffix = after(')\n' + numberedLines(0, 100));
    expect(suffix.length).toBeLessThanOrEqual(400);
    expect(suffix.length).toBeGreaterThan(380);
    expect(suffix.endsWith(';')).toBe(true);
  });

  it('never cuts a surrogate pair in one long line', () => {
    for (const shift of ['', 'x']) {
      expect(after(shift + '😀'.repeat(300))).toBe(shift + '😀'.repeat(shift === '' ? 200 : 199));
    }
  });

  it('counts as the same when the editor has closed a bracket, or when its last lines no longer fit', () => {
    for (const [before, now] of [
      ['\nfoo', ')\nfoo'],
      ['\nfoo', '"\nfoo'],
      ['a\nb\nc', ') {}a\nb'.replace(' {', '')],
      ['', ')'],
      ['\nfoo', '\n}\nfoo'],
    ]) {
      expect(isSameSuffix(before, now)).toBe(true);
    }
    for (const [before, now] of [
      ['\nfoo', 'x\nfoo'],
      ['\nfoo', ''],
      ['', ') foo'],
      ['\nfoo', ')\nbar'],
    ]) {
      expect(isSameSuffix(before, now)).toBe(false);
    }
  });
});

describe('the context', () => {
  it('starts with a short document, and in a long one at a line that stays while the region moves on', () => {
    const text = new DocumentText(numberedLines(0, 5000));
    expect(contextStart(text, { line: 100, character: 0 }, 6000)).toEqual({
      line: 0,
      character: 0,
    });
    const starts = new Set<number>();
    for (let line = 3000; line < 3200; line++) {
      const region = { line, character: 0 };
      const start = contextStart(text, region, 6000);
      expect(text.distance(start, region)).toBeLessThanOrEqual(6000);
      expect(text.distance(start, region)).toBeGreaterThanOrEqual(2900);
      starts.add(start.line);
    }
    expect(starts.size).toBeLessThanOrEqual(3);
  });

  it('is bounded in a giant line', () => {
    const text = new DocumentText('const value = 1; '.repeat(10_000));
    const region = regionStart(text, text.end(), undefined);
    const start = contextStart(text, region, 6000);
    expect(text.distance(start, region)).toBeLessThanOrEqual(6000);
    expect(text.distance(start, region)).toBeGreaterThan(3000);
  });
});

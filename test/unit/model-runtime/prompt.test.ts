import { describe, expect, it } from 'vitest';
import { buildPlainPrompt, buildPrompt } from '../../../model-runtime/generation/prompt';
import { splitAtRegion } from '../../../model-runtime/generation/region';
import { shippedTokenizer, SPECIAL_TOKENS } from '../../support/model';

const tokenizer = shippedTokenizer();
const numberedLines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line${from + i}();\n`).join('');

function decodeWithNames(tokens: Int32Array): string {
  const names = ['<|endoftext|>', '<|file_sep|>', '<|fim_suffix|>', '<|fim_middle|>'];
  return [...tokens].map((id) => names[id] ?? tokenizer.decode([id])).join('');
}

function build(prefix: string, suffix: string, previous?: string) {
  const context = { documentId: 'd', path: 'src/a.ts', prefix, suffix };
  return buildPrompt(context, previous, tokenizer, SPECIAL_TOKENS);
}

describe('splitAtRegion', () => {
  it('starts the region six lines above the cursor’s line', () => {
    const { linesBefore, region } = splitAtRegion(numberedLines(0, 20) + 'foo', undefined);
    expect(linesBefore).toBe(numberedLines(0, 14));
    expect(region).toBe(numberedLines(14, 20) + 'foo');
  });

  it('takes the whole text of a short document', () => {
    expect(splitAtRegion('a\nb', undefined)).toEqual({ linesBefore: '', region: 'a\nb' });
    expect(splitAtRegion('', undefined)).toEqual({ linesBefore: '', region: '' });
    expect(splitAtRegion('\n\n', undefined)).toEqual({ linesBefore: '', region: '\n\n' });
  });

  it('keeps the earlier start while the cursor goes down up to twelve lines below it', () => {
    const before = numberedLines(0, 14);
    for (const below of [1, 6, 12]) {
      const prefix = numberedLines(0, 14 + below);
      expect(splitAtRegion(prefix, before).linesBefore).toBe(before);
    }
    expect(splitAtRegion(numberedLines(0, 27), before).linesBefore).toBe(numberedLines(0, 21));
  });

  it('gives the earlier start up when the text above it has changed', () => {
    const { linesBefore } = splitAtRegion(`x${numberedLines(0, 20)}`, numberedLines(0, 14));
    expect(linesBefore).toBe(`x${numberedLines(0, 14)}`);
  });
});

describe('buildPrompt', () => {
  it('writes the region-infill form', () => {
    const { tokens } = build('one\ntwo\n  th', 'ree\nfour\n');
    expect(decodeWithNames(tokens)).toBe(
      '<|file_sep|>src/a.ts\n<|fim_suffix|>ree\nfour\n<|fim_middle|>one\ntwo\n  th',
    );
  });

  it('writes the plain form when nothing follows the cursor', () => {
    expect(decodeWithNames(build('one\n', '\n  \n').tokens)).toBe('<|file_sep|>src/a.ts\none\n');
  });

  it('cuts the text after the cursor at a line end within 400 characters', () => {
    const text = decodeWithNames(build('a', ')\n' + numberedLines(0, 100)).tokens);
    const suffix = text.split('<|fim_suffix|>')[1].split('<|fim_middle|>')[0];
    expect(suffix.length).toBeLessThanOrEqual(400);
    expect(suffix.length).toBeGreaterThan(380);
    expect(suffix.endsWith('\n')).toBe(true);
  });

  it('never cuts a surrogate pair in one long following line', () => {
    for (const shift of ['', 'x']) {
      const ids = [...build('a', shift + '😀'.repeat(300)).tokens];
      const suffix = tokenizer.decode(ids.slice(ids.indexOf(2) + 1, ids.indexOf(3)));
      expect(suffix).toBe(shift + '😀'.repeat(shift === '' ? 200 : 199));
    }
  });

  it('marks as stable what typing on cannot change', () => {
    const base = numberedLines(0, 10) + '  return foo.ba';
    const prompt = build(base, ' }\n');
    expect(prompt.stableLength).toBeLessThan(prompt.tokens.length);
    for (const typed of ['r', 'r(', 'r()', '.', ' ', '1', '\n']) {
      const next = build(base + typed, ' }\n', prompt.linesBefore);
      expect(next.tokens.slice(0, prompt.stableLength)).toEqual(
        prompt.tokens.slice(0, prompt.stableLength),
      );
    }
  });

  it('shares its plain part with the prompt that warms the document', () => {
    const context = {
      documentId: 'd',
      path: 'src/a.ts',
      prefix: numberedLines(0, 30),
      suffix: 'x\n',
    };
    const warm = buildPlainPrompt(context, tokenizer, SPECIAL_TOKENS);
    const prompt = build(context.prefix, context.suffix);
    expect(warm.tokens).toEqual(prompt.tokens.slice(0, prompt.plainLength));
  });
});

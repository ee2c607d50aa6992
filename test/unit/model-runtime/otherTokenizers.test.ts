import { describe, expect, it } from 'vitest';
import { resolvePromptFormat } from '../../../model-runtime/generation/promptFormat';
import { buildTail, headerTokens } from '../../../model-runtime/generation/prompt';
import type { PromptDescription } from '../../../model-runtime/model/promptDescription';
import { DocumentText } from '../../../model-runtime/state/documentText';
import { ModelTokenizer } from '../../../model-runtime/tokenizer/modelTokenizer';
import { TOKENIZER_JSON } from '../../support/modelFolder';

/** As Llama's and Codestral's: a space is put before a text and taken off again, bytes stand in for unknown characters. */
const sentencePiece = JSON.stringify({
  added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content, special: true })),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    byte_fallback: true,
    fuse_unk: true,
    vocab: Object.fromEntries(
      [
        ...['<unk>', '<s>', '</s>'],
        ...Array.from(
          { length: 256 },
          (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
        ),
        ...['▁', 'a', 'b', '=', ';', '▁a', '▁b'],
      ].map((token, id) => [token, id]),
    ),
    merges: ['▁ a', '▁ b'],
  },
});

/** GPT-NeoX: runs of spaces are tokens that were added and are not special. */
const withSpaceRuns = (() => {
  const definition = JSON.parse(TOKENIZER_JSON) as { added_tokens: object[] };
  definition.added_tokens.push(
    { id: 80, content: '    ', special: false, normalized: true },
    { id: 81, content: '<|padding|>', special: true },
  );
  return JSON.stringify(definition);
})();

describe('a tokenizer with a space before each text', () => {
  const tokenizer = new ModelTokenizer(sentencePiece, 300);

  it('adds none, and no token that begins a text, to the pieces of a document', () => {
    const whole = [...tokenizer.encode('a = b;')];
    const pieces = [...tokenizer.encode('a ='), ...tokenizer.encode(' b;')];
    expect(pieces).toEqual(whole);
    expect(whole).not.toContain(1);
  });

  it('keeps the space that a generated text begins with', () => {
    for (const text of [' b', 'a', '  a\n', 'é', '한']) {
      expect(tokenizer.decode([...tokenizer.encode(text)])).toBe(text);
    }
  });
});

it('uses added tokens that are not special, and reports the special ones by name', () => {
  const tokenizer = new ModelTokenizer(withSpaceRuns, 96);
  expect([...tokenizer.encode('    a')]).toContain(80);
  expect(tokenizer.decode([...tokenizer.encode('    a\n        b')])).toBe('    a\n        b');
  expect(tokenizer.decode([81, ...tokenizer.encode('a')])).toBe('<|padding|>a');
  expect(tokenizer.isText(80)).toBe(true);
  expect(tokenizer.isText(81)).toBe(false);
  expect(tokenizer.isText(95)).toBe(false);
});

describe('a prompt', () => {
  const [prefix, suffix, middle] = ['<|file_sep|>', '<|fim_suffix|>', '<|fim_middle|>'];
  const build = (infill: PromptDescription['infill'], after: string, path?: string) => {
    const description = { infill, start: ['<|endoftext|>'], stop: [], ...(path ? { path } : {}) };
    const tokenizer = new ModelTokenizer(TOKENIZER_JSON, 96);
    const format = resolvePromptFormat(description, tokenizer);
    const text = new DocumentText(`a = b;\nc${after}`);
    const start = { line: 0, character: 0 };
    const tail = buildTail(text, start, { line: 1, character: 1 }, '', after, tokenizer, format);
    const header = headerTokens('x.js', tokenizer, format);
    return { text: tokenizer.decode([...header, ...tail.tokens]), tail, tokenizer };
  };

  it('without infill leaves the text after the cursor out', () => {
    expect(build({ form: 'none' }, ';\nd').text).toBe('<|endoftext|>a = b;\nc');
  });

  it('of prefix, suffix and middle has them in this order, the path first', () => {
    const infill = { form: 'prefix-suffix-middle', prefix, suffix, middle } as const;
    expect(build(infill, ';\nd').text).toBe(
      '<|endoftext|><|file_sep|>a = b;\nc<|fim_suffix|>;\nd<|fim_middle|>',
    );
    expect(build(infill, '').text).toBe(
      '<|endoftext|><|file_sep|>a = b;\nc<|fim_suffix|><|fim_middle|>',
    );
  });

  it('of prefix, suffix and middle is kept up to the cursor while the user types', () => {
    const infill = { form: 'prefix-suffix-middle', prefix, suffix, middle } as const;
    const { tail, tokenizer } = build(infill, ';\nd');
    const kept = tokenizer.decode([...tail.tokens.subarray(0, tail.stableLength)]);
    expect('a = b;\nc'.startsWith(kept)).toBe(true);
    expect(kept.length).toBeGreaterThan(3);
  });

  it('tells the path where the model has a token for it', () => {
    expect(build({ form: 'none' }, '', '<|file_sep|>').text).toBe(
      '<|endoftext|><|file_sep|>x.js\na = b;\nc',
    );
  });

  it('names the token that the tokenizer lacks', () => {
    expect(() => build({ form: 'region', suffix: '<SUF>', middle }, '')).toThrow(/<SUF>/);
  });
});

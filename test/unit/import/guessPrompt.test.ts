import { describe, expect, test } from 'vitest';
import { guessPrompt } from '../../../model-runtime/import/guessPrompt';
import { promptSchema } from '../../../model-runtime/model/promptDescription';
import * as v from 'valibot';

/** A tokenizer with these special tokens. */
const tokenizerJson = (...special: string[]) =>
  JSON.stringify({
    added_tokens: special.map((content, id) => ({ id, content, special: true })),
    model: { type: 'BPE', vocab: { a: special.length }, merges: [] },
  });

describe('the guess at how a model is asked', () => {
  test.each([
    [
      'GPT-NeoX, as the Mamba models have it',
      tokenizerJson('<|endoftext|>', '<|padding|>'),
      { bos: '<|endoftext|>', eos: '<|endoftext|>' },
      { infill: { form: 'none' }, start: ['<|endoftext|>'], stop: ['<|endoftext|>'] },
    ],
    [
      'Codestral',
      tokenizerJson('<unk>', '<s>', '</s>', '[INST]', '[PREFIX]', '[MIDDLE]', '[SUFFIX]'),
      { bos: '<s>', eos: '</s>', contextTokens: 32768 },
      { infill: { form: 'none' }, start: ['<s>'], stop: ['</s>'], contextTokens: 32768 },
    ],
    [
      'a tokenizer of code with infill tokens and a token for paths',
      tokenizerJson(
        ...['<|endoftext|>', '<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<file_sep>'],
      ),
      {},
      {
        infill: {
          form: 'prefix-suffix-middle',
          prefix: '<fim_prefix>',
          suffix: '<fim_suffix>',
          middle: '<fim_middle>',
        },
        start: [],
        path: '<file_sep>',
        stop: ['<|endoftext|>'],
      },
    ],
    [
      'one that names no token that is known',
      tokenizerJson('[X]'),
      { bos: '<s>', eos: '</s>' },
      { infill: { form: 'none' }, start: [], stop: [] },
    ],
  ])('for %s', (_name, json, tokens, expected) => {
    const guess = guessPrompt({ tokenizerJson: json, tokens });
    expect(guess).toEqual(expected);
    expect(v.parse(promptSchema, JSON.parse(JSON.stringify(guess)))).toEqual(expected);
  });
});

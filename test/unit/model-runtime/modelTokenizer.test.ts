import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../../../model-runtime/protocol/errors';
import { ModelTokenizer } from '../../../model-runtime/tokenizer/modelTokenizer';
import { shippedTokenizer, VOCAB_SIZE } from '../../support/model';

interface Vector {
  text: string;
  ids: number[];
}

const vectors = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../fixtures/tokenizer-vectors.json'), 'utf8'),
) as Vector[];
const spellsSpecialToken = ({ ids }: Vector) => ids.some((id) => id < 16);

describe('ModelTokenizer', () => {
  const tokenizer = shippedTokenizer();

  it.each(vectors.filter((vector) => !spellsSpecialToken(vector)).map((v) => [v.text, v.ids]))(
    'gives the ids of the original tokenizers library: %j',
    (text, ids) => {
      expect([...tokenizer.encode(text)]).toEqual(ids);
    },
  );

  it('never makes a special token out of document text', () => {
    const spelled = vectors.filter(spellsSpecialToken);
    expect(spelled.length).toBeGreaterThan(0);
    for (const { text } of spelled) {
      const ids = tokenizer.encode(text);
      expect(Math.min(...ids)).toBeGreaterThanOrEqual(16);
      expect(tokenizer.decode([...ids])).toBe(text);
    }
  });

  it('decodes to exactly the text that was encoded, punctuation after spaces included', () => {
    for (const text of ['a != b', "it 's , fine ? yes !", '\tfoo .bar()', 'x  ;\n\n  y']) {
      expect(tokenizer.decode([...tokenizer.encode(text)])).toBe(text);
    }
  });

  it('returns the same ids from its cache', () => {
    const text = 'const value = 1;\n'.repeat(40);
    expect(tokenizer.encode(text)).toEqual(shippedTokenizer().encode(text));
    expect(tokenizer.encode(text)).toBe(tokenizer.encode(text));
  });

  it('finds special tokens by name and refuses those of another model', () => {
    expect(tokenizer.requireSpecialToken('<|fim_middle|>', 3)).toBe(3);
    expect(() => tokenizer.requireSpecialToken('<|fim_middle|>', 4)).toThrow(RuntimeError);
    expect(() => tokenizer.requireSpecialToken('<|no_such|>', 3)).toThrow(/different models/);
  });

  it('refuses a tokenizer with more ids than the model has rows', () => {
    const json = readFileSync(
      path.resolve(__dirname, '../../../models/mamba-complete-1/tokenizer.json'),
      'utf8',
    );
    expect(() => new ModelTokenizer(json, VOCAB_SIZE - 1)).toThrow(/belongs to another model/);
    expect(() => new ModelTokenizer('{', VOCAB_SIZE)).toThrow(/could not be read/);
  });
});

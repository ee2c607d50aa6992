import * as v from 'valibot';
import type { SpecialTokens } from '../../model-runtime/model/config';
import type { GgufValue } from './ggufFile';

const tokenizerSchema = v.object({
  model: v.object({
    type: v.literal('BPE'),
    vocab: v.record(v.string(), v.number()),
    merges: v.array(v.union([v.string(), v.tuple([v.string(), v.string()])])),
  }),
  added_tokens: v.optional(
    v.array(v.object({ id: v.number(), content: v.string(), special: v.boolean() })),
    [],
  ),
});

/** `llama_token_type`. Source: llama.h. */
const TOKEN_TYPES = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/**
 * A byte-level BPE vocabulary as llama.cpp's `gpt2` tokenizer. The benchmarks pass token ids, so the pre-tokenizer named
 * here is never used. Throws when `tokenizerJson` is of another kind.
 */
export function vocabularyMetadata(
  tokenizerJson: string,
  vocabSize: number,
  special: SpecialTokens | undefined,
): Map<string, GgufValue> {
  const { model, added_tokens } = v.parse(tokenizerSchema, JSON.parse(tokenizerJson));
  const tokens = Array.from({ length: vocabSize }, (_, id) => `<unused${id}>`);
  const types = new Array<number>(vocabSize).fill(TOKEN_TYPES.unused);
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token;
    types[id] = TOKEN_TYPES.normal;
  }
  for (const { id, content, special: isSpecial } of added_tokens) {
    tokens[id] = content;
    types[id] = isSpecial ? TOKEN_TYPES.control : TOKEN_TYPES.userDefined;
  }
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'gpt-2' }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
    ['tokenizer.ggml.token_type', { type: 'int32s', value: types }],
    ['tokenizer.ggml.merges', { type: 'strings', value: merges }],
    ['tokenizer.ggml.bos_token_id', { type: 'uint32', value: special?.endOfText ?? 0 }],
    ['tokenizer.ggml.eos_token_id', { type: 'uint32', value: special?.endOfText ?? 0 }],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
  ]);
}

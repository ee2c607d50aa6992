import * as v from 'valibot';
import { cannotImport } from '../model/modelErrors';
import type { Checkpoint } from './checkpoint';
import type { GgufValue } from './ggufHeader';

const vocabularySchema = v.object({
  model: v.optional(v.string()),
  pre: v.optional(v.string()),
  tokens: v.optional(v.array(v.string()), []),
  token_type: v.optional(v.array(v.number()), []),
  merges: v.optional(v.array(v.string()), []),
  bos_token_id: v.optional(v.number()),
  eos_token_id: v.optional(v.number()),
});

/** `llama_token_type`. Source: llama.h. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
/** Pre-tokenizers of llama.cpp that split as GPT-2 does (llama-vocab.cpp). */
const LIKE_GPT2 = ['gpt-2', 'olmo', 'mpt', 'jais', 'default'];

/**
 * A byte-level BPE vocabulary of a GGUF file as `tokenizer.json`, and its tokens that begin and end a text. With `isKnown` there
 * is a `tokenizer.json` already, and any kind of vocabulary will do. Errors: `modelCorrupt`.
 */
export function tokenizerFromGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  path: string,
  isKnown: boolean,
): Pick<Checkpoint, 'tokenizerJson' | 'tokens'> {
  const prefix = 'tokenizer.ggml.';
  const found = [...metadata].filter(([key]) => key.startsWith(prefix));
  const parsed = v.safeParse(
    vocabularySchema,
    Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value])),
  );
  if (!parsed.success) throw cannotImport(path, `its vocabulary: ${parsed.issues[0].message}`);
  const { model, pre, tokens, token_type: types, merges, ...ids } = parsed.output;
  if (!isKnown && (model !== 'gpt2' || !LIKE_GPT2.includes(pre ?? 'default'))) {
    throw cannotImport(
      path,
      `its vocabulary (${model ?? 'none'}, ${pre ?? 'default'}) is not one that is split as GPT-2's is; ` +
        'put the tokenizer.json that the model was trained with beside the file',
    );
  }
  const added = (type: number) =>
    tokens.flatMap((content, id) =>
      types[id] === type ? [{ id, content, special: type === CONTROL, normalized: false }] : [],
    );
  const vocab = tokens.flatMap((token, id) =>
    [CONTROL, USER_DEFINED, UNUSED].includes(types[id] ?? 1) ? [] : [[token, id] as const],
  );
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
  const tokenizer = {
    version: '1.0',
    added_tokens: [...added(CONTROL), ...added(USER_DEFINED)],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: Object.fromEntries(vocab), merges },
  };
  const tokenAt = (id: number | undefined) => (id === undefined ? undefined : tokens[id]);
  return {
    tokenizerJson: JSON.stringify(tokenizer),
    tokens: { bos: tokenAt(ids.bos_token_id), eos: tokenAt(ids.eos_token_id) },
  };
}

import * as v from 'valibot';
import type { PromptDescription } from '../model/promptDescription';
import type { Checkpoint } from './checkpoint';

/** Infill tokens that families of code models use: prefix, suffix, middle. */
const INFILL_TOKENS = [
  ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
  ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
  ['<fim-prefix>', '<fim-suffix>', '<fim-middle>'],
  ['<PRE>', '<SUF>', '<MID>'],
  ['▁<PRE>', '▁<SUF>', '▁<MID>'],
] as const;
const PATH_TOKENS = ['<|file_sep|>', '<file_sep>', '<filename>'];
const START_TOKENS = ['<s>', '<bos>', '<|begin_of_text|>', '<|endoftext|>'];
const STOP_TOKENS = ['</s>', '<eos>', '<|end_of_text|>', '<|endoftext|>', '<EOT>', '<|im_end|>'];

const tokenizerSchema = v.object({
  added_tokens: v.optional(v.array(v.object({ content: v.string() })), []),
  model: v.looseObject({ vocab: v.optional(v.unknown()) }),
});

/**
 * How a model wants to be asked, by the names of its tokens: a guess, since no file says it. A tokenizer with infill tokens may
 * belong to a model that was never trained on them.
 */
export function guessPrompt({
  tokenizerJson,
  tokens,
}: Pick<Checkpoint, 'tokenizerJson' | 'tokens'>): PromptDescription {
  const names = tokenNames(tokenizerJson);
  const known = (candidates: readonly (string | undefined)[]) =>
    candidates.filter((name) => name !== undefined).filter((name) => names.has(name));
  const infill = INFILL_TOKENS.find((three) => three.every((name) => names.has(name)));
  const start = known([tokens.bos, ...(tokens.bos === undefined ? START_TOKENS : []), tokens.eos]);
  const [path] = known(PATH_TOKENS);
  return {
    infill:
      infill === undefined
        ? { form: 'none' }
        : {
            form: 'prefix-suffix-middle',
            prefix: infill[0],
            suffix: infill[1],
            middle: infill[2],
          },
    start: path === undefined ? start.slice(0, 1) : [],
    ...(path === undefined ? {} : { path }),
    stop: [...new Set(known([tokens.eos, ...STOP_TOKENS]))],
    ...(tokens.contextTokens === undefined ? {} : { contextTokens: tokens.contextTokens }),
  };
}

function tokenNames(tokenizerJson: string): ReadonlySet<string> {
  const { added_tokens: added, model } = v.parse(tokenizerSchema, JSON.parse(tokenizerJson));
  const names = new Set(added.map(({ content }) => content));
  // Unigram vocabularies are lists of pairs.
  const { vocab } = model;
  if (Array.isArray(vocab)) {
    for (const entry of vocab as unknown[]) {
      if (Array.isArray(entry) && typeof entry[0] === 'string') names.add(entry[0]);
    }
  } else if (typeof vocab === 'object' && vocab !== null) {
    for (const name of Object.keys(vocab)) names.add(name);
  }
  return names;
}

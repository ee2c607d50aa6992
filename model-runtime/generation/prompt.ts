import type { SpecialTokens } from '../model/config';
import type { DocumentContext } from '../protocol/messages';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { splitAtRegion } from './region';

/** The model was trained on 0-800 characters after the cursor; 400 gave its published figures. */
const SUFFIX_CHARACTERS = 400;

/** A prompt in the region-infill form (docs/architecture.md, «Prompt»). */
export interface Prompt {
  /** The whole prompt. */
  tokens: Int32Array;
  /** Leading tokens that are plain text (`<|file_sep|>path\n lines-before`): a state there serves every cursor below. */
  plainLength: number;
  /** Leading tokens that typing at the cursor leaves as they are; at least one fewer than all. */
  stableLength: number;
  linesBefore: string;
}

/**
 * `<|file_sep|>path\n lines-before <|fim_suffix|> text-after <|fim_middle|> region`. Without text after the cursor the
 * plain form `<|file_sep|>path\n text` is used, which training knows too.
 */
export function buildPrompt(
  context: DocumentContext,
  previousLinesBefore: string | undefined,
  tokenizer: ModelTokenizer,
  special: SpecialTokens,
): Prompt {
  const suffix = wholeLines(context.suffix, SUFFIX_CHARACTERS);
  const { linesBefore, region } = splitAtRegion(context.prefix, previousLinesBefore);
  const plain = tokenizer.encode(`${context.path}\n${linesBefore}`);
  const after =
    suffix.trim() === '' ? [] : [special.fimSuffix, ...tokenizer.encode(suffix), special.fimMiddle];
  const parts = [[special.fileSeparator], plain, after, tokenizer.encode(region)];
  const tokens = Int32Array.from(parts.flatMap((part) => [...part]));
  return {
    tokens,
    plainLength: 1 + plain.length,
    stableLength: stableLength(tokens, tokenizer),
    linesBefore,
  };
}

/** The plain-text part alone, for prefilling a document before anything is asked. */
export function buildPlainPrompt(
  context: DocumentContext,
  tokenizer: ModelTokenizer,
  special: SpecialTokens,
): Prompt {
  const { linesBefore } = splitAtRegion(context.prefix, undefined);
  const plain = tokenizer.encode(`${context.path}\n${linesBefore}`);
  const tokens = Int32Array.of(special.fileSeparator, ...plain);
  return { tokens, plainLength: tokens.length, stableLength: tokens.length, linesBefore };
}

/** Cuts after the last whole line within `limit` characters, or at `limit` inside a longer line. */
function wholeLines(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.lastIndexOf('\n', limit - 1);
  if (end >= 0) return text.slice(0, end + 1);
  const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1));
  return text.slice(0, cutsPair ? limit - 1 : limit);
}

/** A word can be split into several tokens; more than this many are not looked back over. */
const LONGEST_OPEN_WORD = 8;

/**
 * Byte-level BPE can re-merge only inside the last pre-token, which is one word with at most one character in front
 * of it, or one run of other characters. Only reuse depends on this, never correctness: a state is found by its tokens.
 */
function stableLength(tokens: Int32Array, tokenizer: ModelTokenizer): number {
  let length = tokens.length - 1;
  for (let back = 0; back < LONGEST_OPEN_WORD && length > 1; back++, length--) {
    const text = tokenizer.decode([tokens[length] ?? 0]);
    if (!/^[\p{L}\p{N}_\uFFFD]/u.test(text)) break;
  }
  return Math.max(length, 0);
}

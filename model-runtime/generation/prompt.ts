import type { SpecialTokens } from '../model/config';
import type { TextPosition } from '../protocol/messages';
import type { DocumentText } from '../state/documentText';
import { segmentsBetween } from '../state/segments';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';

/** What follows the plain text in a prompt: `<|fim_suffix|> text-after <|fim_middle|> region`, or the region alone. */
export interface Tail {
  tokens: Int32Array;
  /** Leading tokens that typing on leaves as they are, at least one fewer than all. */
  stableLength: number;
}

/** `<|file_sep|>path\n`: what every context starts with. */
export function headerTokens(
  path: string,
  tokenizer: ModelTokenizer,
  special: SpecialTokens,
): Int32Array {
  return Int32Array.of(special.fileSeparator, ...tokenizer.encode(`${path}\n`));
}

/** Ids of the text between two positions, segment by segment. */
export function textTokens(
  text: DocumentText,
  start: TextPosition,
  end: TextPosition,
  tokenizer: ModelTokenizer,
): { start: TextPosition; tokens: Int32Array }[] {
  return segmentsBetween(text, start, end).map((segment) => ({
    start: segment.start,
    tokens: tokenizer.encode(segment.text),
  }));
}

/**
 * The region from `start` up to `end`, then `insertion`. Without text after the cursor the prompt is plain text, which training
 * knows too.
 */
export function buildTail(
  text: DocumentText,
  start: TextPosition,
  end: TextPosition,
  insertion: string,
  suffix: string,
  tokenizer: ModelTokenizer,
  special: SpecialTokens,
): Tail {
  const after =
    suffix.trim() === '' ? [] : [special.fimSuffix, ...tokenizer.encode(suffix), special.fimMiddle];
  const segments = segmentsBetween(text, start, end).map((segment) => segment.text);
  segments.push((segments.pop() ?? '') + insertion);
  const tokens = [...after];
  for (const segment of segments) tokens.push(...tokenizer.encode(segment));
  return { tokens: Int32Array.from(tokens), stableLength: stableLength(tokens, tokenizer) };
}

export function joinTokens(parts: readonly Int32Array[]): Int32Array {
  const tokens = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    tokens.set(part, at);
    at += part.length;
  }
  return tokens;
}

/** A word, or a run of other characters, can be split into several tokens; more than this many are not looked back over. */
const LONGEST_OPEN_RUN = 8;
const CONTINUES_WORD = /^[\p{L}\p{N}_\uFFFD]/u;
const STARTS_WITH_SIGN = /^[^\s\p{L}\p{N}]/u;
const ENDS_WITH_SIGN = /[^\s\p{L}\p{N}]$/u;

/**
 * Byte-level BPE can re-merge only inside the last pre-token, which is one word with at most one character in front
 * of it, or one run of other characters with the line end behind it: `)` `;` may become `);\n`. Only reuse depends on
 * this, never correctness: a state is found by its tokens.
 */
function stableLength(tokens: readonly number[], tokenizer: ModelTokenizer): number {
  const textAt = (index: number) => tokenizer.decode([tokens[index] ?? 0]);
  let length = tokens.length - 1;
  for (let back = 0; back < LONGEST_OPEN_RUN && length > 1; back++, length--) {
    const text = textAt(length);
    const goesOn =
      CONTINUES_WORD.test(text) ||
      (STARTS_WITH_SIGN.test(text) && ENDS_WITH_SIGN.test(textAt(length - 1)));
    if (!goesOn) break;
  }
  return Math.max(length, 0);
}

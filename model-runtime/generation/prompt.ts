import type { TextPosition } from '../protocol/messages';
import type { DocumentText } from '../state/documentText';
import { segmentsBetween } from '../state/segments';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import type { PromptFormat } from './promptFormat';

/**
 * What follows the plain text in a prompt: `<|fim_suffix|> text-after <|fim_middle|> region`, or the region alone; in the form
 * prefix-suffix-middle the region and then the text after.
 */
export interface Tail {
  tokens: Int32Array;
  /** Leading tokens that typing on leaves as they are, at least one fewer than all. */
  stableLength: number;
}

/**
 * `<|file_sep|>path\n`, or what else every context of the model starts with: at least one token. After other files nothing is
 * started anew.
 */
export function headerTokens(
  path: string,
  tokenizer: ModelTokenizer,
  { start, path: separator, infill }: PromptFormat,
  isAfterFiles = false,
): Int32Array {
  const tokens = isAfterFiles ? [] : [...start];
  if (separator !== undefined) tokens.push(separator, ...tokenizer.encode(`${path}\n`));
  if (infill.form === 'prefix-suffix-middle') tokens.push(infill.prefix);
  // Something has to be read before the first token can be told.
  return tokens.length === 0 ? tokenizer.encode('\n') : Int32Array.from(tokens);
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
 * The region from `start` up to `end`, then `insertion`, with the text after the cursor where the model's form puts it. Without
 * such text the shipped model's prompt is plain text, which its training knows too.
 */
export function buildTail(
  text: DocumentText,
  start: TextPosition,
  end: TextPosition,
  insertion: string,
  suffix: string,
  tokenizer: ModelTokenizer,
  { infill }: PromptFormat,
): Tail {
  const segments = segmentsBetween(text, start, end).map((segment) => segment.text);
  segments.push((segments.pop() ?? '') + insertion);
  const region: number[] = [];
  for (const segment of segments) region.push(...tokenizer.encode(segment));
  const isBlank = suffix.trim() === '';
  switch (infill.form) {
    case 'none':
      return tailOf(region, [], tokenizer);
    case 'region': {
      const after = isBlank ? [] : [infill.suffix, ...tokenizer.encode(suffix), infill.middle];
      return tailOf([...after, ...region], [], tokenizer);
    }
    case 'prefix-suffix-middle': {
      const after = isBlank ? [] : tokenizer.encode(suffix);
      return tailOf(region, [infill.suffix, ...after, infill.middle], tokenizer);
    }
  }
}

/** `text` is what typing goes on with; what follows it changes with every key. */
function tailOf(
  text: readonly number[],
  after: readonly number[],
  tokenizer: ModelTokenizer,
): Tail {
  return {
    tokens: Int32Array.from([...text, ...after]),
    stableLength: stableLength(text, tokenizer),
  };
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

import type { CompletionShape } from '../../model-runtime/protocol/messages';
import { closesQuote, isCloser, isQuote, unmatchedClosers } from './brackets';

export interface PostProcessingInput {
  /** The model's text, LF only. */
  text: string;
  shape: CompletionShape;
  /** The cursor's line up to the cursor. */
  lineBefore: string;
  /** Text after the cursor, LF only: the rest of the cursor's line, then the lines below. */
  suffix: string;
  eol: '\n' | '\r\n';
}

export interface Suggestion {
  /** With the document's line ends. */
  insertText: string;
  /** Characters after the cursor, on its line, that `insertText` brings again and therefore replaces. */
  replacedAfter: number;
}

/** A partial last line that repeats so many characters of the line below is taken for that line. */
const SHORTEST_REPETITION = 3;

/**
 * Makes of the model's text what is inserted. Text that already follows the cursor is not repeated: lines that stand
 * below are cut off, and so is the end that equals the rest of the line. `undefined` when nothing is left.
 */
export function postProcess(input: PostProcessingInput): Suggestion | undefined {
  const [rest = '', ...below] = input.suffix.split('\n');
  let text = input.text.replace(/\r\n?/g, '\n');
  if (input.shape === 'line') text = text.split('\n', 1)[0] ?? '';
  text = cutLinesBelow(text, input.lineBefore, rest, below);
  const { kept, replacedAfter } = joinWithRest(text.trimEnd(), rest);
  if (kept.trim() === '') return undefined;
  return { insertText: kept.replaceAll('\n', input.eol), replacedAfter };
}

/** Ends the text before the first line that equals the next line below the cursor. */
function cutLinesBelow(
  text: string,
  lineBefore: string,
  rest: string,
  below: readonly string[],
): string {
  const next = below.find((line) => line.trim() !== '')?.trimEnd();
  // With text after the cursor on its line, the first line of the completion ends in front of that text.
  if (next === undefined) return text;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = (i === 0 ? lineBefore + (lines[0] ?? '') : (lines[i] ?? '')).trimEnd();
    if (i === 0 && rest.trim() !== '') continue;
    if (line === next && !closesOwnBlock(line, lines.slice(0, i))) {
      return i === 0 ? '' : lines.slice(0, i).join('\n');
    }
  }
  const last = lines.at(-1) ?? '';
  const isPartial = last.trim().length >= SHORTEST_REPETITION && next.startsWith(last);
  return lines.length > 1 && isPartial ? lines.slice(0, -1).join('\n') : text;
}

/** A closing line that belongs to a block which the completion itself has opened. */
function closesOwnBlock(line: string, linesAbove: readonly string[]): boolean {
  const first = line.trimStart().charAt(0);
  if (!isCloser(first)) return false;
  return (
    unmatchedClosers([...linesAbove, first].join('\n')) === unmatchedClosers(linesAbove.join('\n'))
  );
}

/** Avoids doubling what stands between the cursor and the end of its line. */
function joinWithRest(text: string, rest: string): { kept: string; replacedAfter: number } {
  const restText = rest.trimEnd();
  if (restText.trim() === '') return { kept: text, replacedAfter: 0 };
  const overlap = overlapLength(text, restText);
  if (overlap > 0) return { kept: text.slice(0, -overlap), replacedAfter: 0 };
  if (bringsAgain(text, restText)) return { kept: text, replacedAfter: restText.length };
  return { kept: text, replacedAfter: 0 };
}

/** Length of the longest end of `text` that `rest` begins with and that is not the partner of something in `text`. */
function overlapLength(text: string, rest: string): number {
  for (let length = Math.min(text.length, rest.length); length > 0; length--) {
    const end = text.slice(-length);
    if (rest.startsWith(end) && isRepetition(text, end)) return length;
  }
  return 0;
}

/**
 * A repeated end of closing brackets or a quote is only a repetition when it closes what was opened before the cursor:
 * `bar()` in front of `)` is whole, `bar)` is not. Any other text is one if it has more than spaces.
 */
function isRepetition(text: string, end: string): boolean {
  const first = end.charAt(0);
  if (end.trim() === '') return false;
  if (/[\p{L}\p{N}_]/u.test(end)) return end.length >= SHORTEST_REPETITION || end === text;
  const before = unmatchedClosers(text.slice(0, -end.length));
  const closers = [...end].filter(isCloser).join('');
  if (unmatchedClosers(text) !== before + closers) return false;
  return !isQuote(first) || closesQuote(text, first);
}

/**
 * Whether all of `rest`, if it is nothing but closers and punctuation, comes again somewhere in `text`: in `f(↓)` the
 * text `a, b);` brings the `)` again.
 */
function bringsAgain(text: string, rest: string): boolean {
  const marks = [...rest].filter((character) => character !== ' ');
  if (!marks.every((mark) => isCloser(mark) || isQuote(mark) || /[;,:{]/.test(mark))) return false;
  if (text.includes('\n')) return false;
  const closers = marks.filter(isCloser).join('');
  if (!unmatchedClosers(text).startsWith(closers)) return false;
  if (marks.some((mark) => isQuote(mark) && !closesQuote(text, mark))) return false;
  // In order, from the end: the last possible places.
  let at = text.length;
  for (const mark of marks.toReversed()) {
    at = at > 0 ? text.lastIndexOf(mark, at - 1) : -1;
    if (at < 0) return false;
  }
  return true;
}

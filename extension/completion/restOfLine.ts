import { isCommentEnd } from './syntaxAt';
import { closesQuote, isCloser, isQuote, unmatchedClosers } from './brackets';

/** An end that repeats a part of a word repeats at least so many characters of it. */
const SHORTEST_REPETITION = 3;
const WORD = /^[\p{L}\p{N}_$]+/u;
const ENDS_IN_WORD = /[\p{L}\p{N}_$]$/u;

export interface Joined {
  /** Empty when nothing fits. */
  kept: string;
  /** Characters after the cursor, on its line, that `kept` brings again and therefore replaces. */
  replacedAfter: number;
}

/**
 * Avoids doubling what stands between the cursor and the end of its line: an end that is there already is left out, and the rest is
 * replaced where the text covers all of it. Inside a word only a text that completes the word is kept.
 */
export function joinWithRest(text: string, lineBefore: string, rest: string): Joined {
  const restText = rest.trimEnd();
  if (restText.trim() === '') return { kept: text, replacedAfter: 0 };
  if (isCommentEnd(restText))
    return { kept: insideComment(text, restText.trim()), replacedAfter: 0 };
  const overlap = overlapLength(text, restText);
  if (overlap > 0) return { kept: text.slice(0, -overlap), replacedAfter: 0 };
  const word = WORD.exec(restText)?.[0];
  if (word !== undefined) return joinWithWord(text, lineBefore, restText, word);
  if (bringsAgain(text, restText)) return { kept: text, replacedAfter: restText.length };
  return { kept: text, replacedAfter: 0 };
}

/** What comes before the end of the comment that is there already. */
function insideComment(text: string, commentEnd: string): string {
  const at = text.indexOf(commentEnd);
  return at < 0 ? text : text.slice(0, at).trimEnd();
}

/** In front of a word, or inside one. */
function joinWithWord(text: string, lineBefore: string, rest: string, word: string): Joined {
  const first = WORD.exec(text)?.[0] ?? '';
  if (ENDS_IN_WORD.test(lineBefore)) {
    const completes = first.length >= word.length && first.endsWith(word);
    const after = rest.slice(word.length);
    const isCovered = after === '' || bringsAgain(text.slice(first.length), after);
    if (completes && isCovered) return { kept: text, replacedAfter: rest.length };
    return { kept: '', replacedAfter: 0 };
  }
  // Two words must not become one.
  return { kept: ENDS_IN_WORD.test(text) ? '' : text, replacedAfter: 0 };
}

/** Length of the longest end of `text` that `rest` begins with and that is not the partner of something in `text`. */
function overlapLength(text: string, rest: string): number {
  for (let length = Math.min(text.length, rest.length); length > 0; length--) {
    const end = text.slice(-length);
    if (rest.startsWith(end) && isRepetition(text, end, rest)) return length;
  }
  return 0;
}

/**
 * A repeated end of closing brackets or a quote is only a repetition when it closes what was opened before the cursor:
 * `bar()` in front of `)` is whole, `bar)` is not. Any other text is one if it has more than spaces.
 */
function isRepetition(text: string, end: string, rest: string): boolean {
  const first = end.charAt(0);
  if (end.trim() === '') return false;
  if (/[\p{L}\p{N}_]/u.test(end)) {
    return end.length >= SHORTEST_REPETITION || end === text || isWholeWords(text, end, rest);
  }
  const before = unmatchedClosers(text.slice(0, -end.length));
  const closers = [...end].filter(isCloser).join('');
  if (unmatchedClosers(text) !== before + closers) return false;
  return !isQuote(first) || closesQuote(text, first);
}

/** Whether `end` cuts no word apart, neither where it begins in `text` nor where it ends in `rest`. */
function isWholeWords(text: string, end: string, rest: string): boolean {
  const begins = !WORD.test(end) || !ENDS_IN_WORD.test(text.slice(0, -end.length));
  const ends = !ENDS_IN_WORD.test(end) || !WORD.test(rest.slice(end.length));
  return begins && ends;
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

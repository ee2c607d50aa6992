import type { TextPosition } from '../protocol/messages';
import type { DocumentText } from '../state/documentText';

/** The model was trained on 0-800 characters after the cursor; 400 gave its published figures. */
const SUFFIX_CHARACTERS = 400;
/** With the whole context above the region, first suggestions are as good with fewer (docs/document-state.md). */
export const SHORT_SUFFIX_CHARACTERS = 200;

/** Brackets, quotes and white space that editors put after the cursor by themselves, at most so many. */
const ADDED_BY_EDITOR = /^[\s)\]}>"'`;,]{0,12}/;

/** The text after the cursor: whole lines as far as they fit; a first line that is too long is cut. */
export function textAfter(
  text: DocumentText,
  position: TextPosition,
  most = SUFFIX_CHARACTERS,
): string {
  const line = text.line(position.line);
  const limit = position.character + most;
  if (line.length > limit) {
    const splitsPair = /[\uD800-\uDBFF]/.test(line.charAt(limit - 1));
    return line.slice(position.character, splitsPair ? limit - 1 : limit);
  }
  let after = line.slice(position.character);
  for (let i = position.line + 1; i < text.lineCount; i++) {
    const next = text.line(i);
    if (after.length + 1 + next.length > most) break;
    after += '\n' + next;
  }
  return after;
}

/**
 * Whether the prompt may go on with the text after the cursor as it was: it still is, or the editor has closed a bracket or
 * a quote, or broken the line. Reading it anew would cost the whole suffix and region, for text that the
 * suggestion is compared with in any case.
 */
export function isSameSuffix(previous: string, now: string): boolean {
  if (previous === now) return true;
  const added = ADDED_BY_EDITOR.exec(now)?.[0].length ?? 0;
  for (let length = 1; length <= added; length++) {
    const rest = now.slice(length);
    if (rest.trim() === '' ? previous.trim() === '' : isSameBeginning(previous, rest)) return true;
  }
  return isCutOff(now, previous);
}

/** Where both are limited, not always to the same length: the shorter one lacks the last lines. */
function isSameBeginning(a: string, b: string): boolean {
  return isCutOff(a, b) || isCutOff(b, a);
}

/** Whether `short` is `long`, or as many of its lines as fit. */
function isCutOff(long: string, short: string): boolean {
  return long === short || (short.length > 0 && long.startsWith(`${short}\n`));
}

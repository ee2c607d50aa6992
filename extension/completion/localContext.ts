import type { TextPosition, TextSource } from './textSource';
import { splitsSurrogatePair, wellFormed } from './textSource';

/** Characters after the cursor that a suggestion is compared with. */
const SUFFIX_CHARACTERS = 400;
/** The text before the cursor starts at a line divisible by this, so that it stays the same while the cursor moves on. */
const LINE_STEP = 16;
/** In giant lines: at a character divisible by this. */
const CHARACTER_STEP = 1024;

/** Text that the editor is about to put in place of what stands between `start` and the cursor. */
export interface PendingInsertion {
  start: TextPosition;
  text: string;
}

/** A cursor's surroundings, LF only, as suggestions are remembered and processed by them. */
export interface LocalContext {
  documentId: string;
  prefix: string;
  suffix: string;
}

/** Reads the few lines around the cursor. */
export function localContext(
  source: TextSource,
  position: TextPosition,
  pending?: PendingInsertion,
): LocalContext {
  const before = textBefore(source, pending?.start ?? position);
  return {
    documentId: source.uri,
    prefix: wellFormed(before + (pending?.text ?? '')),
    suffix: wellFormed(textAfter(source, position)),
  };
}

function textBefore(source: TextSource, position: TextPosition): string {
  const line = source.lineAt(position.line);
  const step = Math.floor(position.character / CHARACTER_STEP) - 1;
  if (step > 0) {
    const start = step * CHARACTER_STEP;
    return line.slice(splitsSurrogatePair(line, start) ? start + 1 : start, position.character);
  }
  const first = Math.max(0, Math.floor(position.line / LINE_STEP) - 1) * LINE_STEP;
  const lines: string[] = [];
  for (let i = first; i < position.line; i++) lines.push(source.lineAt(i).slice(-CHARACTER_STEP));
  lines.push(line.slice(0, position.character));
  return lines.join('\n');
}

/**
 * What has been typed since `before`, when the text before the cursor has only grown. The rest of it may begin further down by
 * now, as it does once for every so many lines that the cursor goes down.
 */
export function typedSince(before: LocalContext, now: LocalContext): string | undefined {
  if (before.documentId !== now.documentId) return undefined;
  const begun = beginnings(before.prefix).find((prefix) => now.prefix.startsWith(prefix));
  return begun === undefined ? undefined : now.prefix.slice(begun.length);
}

/** A text before the cursor as it is, and as it begins once the cursor has gone further down. */
export function beginnings(prefix: string): string[] {
  let start = 0;
  for (let line = 0; line < LINE_STEP; line++) {
    start = prefix.indexOf('\n', start) + 1;
    if (start === 0) return [prefix];
  }
  return [prefix, prefix.slice(start)];
}

/** Whole lines as far as they fit; a first line that is too long is cut. */
function textAfter(source: TextSource, position: TextPosition): string {
  const line = source.lineAt(position.line);
  let end = Math.min(line.length, position.character + SUFFIX_CHARACTERS);
  if (splitsSurrogatePair(line, end)) end--;
  let text = line.slice(position.character, end);
  if (end < line.length) return text;
  for (let i = position.line + 1; i < source.lineCount; i++) {
    const next = source.lineAt(i);
    if (text.length + 1 + next.length > SUFFIX_CHARACTERS) break;
    text += '\n' + next;
  }
  return text;
}

import type { DocumentContext } from '../../model-runtime/protocol/messages';
import type { TextPosition, TextSource } from './textSource';
import { splitsSurrogatePair, wellFormed } from './textSource';

/** Characters after the cursor that the model reads. */
const SUFFIX_CHARACTERS = 400;

/** Text that the editor is about to put in place of what stands between `start` and the cursor. */
export interface PendingInsertion {
  start: TextPosition;
  text: string;
}

export interface RequestContextOptions {
  source: TextSource;
  position: TextPosition;
  /** Path for the model, see `modelPath`. */
  path: string;
  /** Most characters before the cursor. */
  contextCharacters: number;
  pending?: PendingInsertion;
}

/** Cuts the text around the cursor out of a document of any size; only the lines that are needed are read. */
export function buildRequestContext(options: RequestContextOptions): DocumentContext {
  const { source, position, path, contextCharacters, pending } = options;
  const before = textBefore(source, pending?.start ?? position, contextCharacters);
  return {
    documentId: source.uri,
    path,
    prefix: wellFormed(before + (pending?.text ?? '')),
    suffix: wellFormed(textAfter(source, position)),
  };
}

/**
 * The window before the cursor has at most `limit` characters. Its start stays where it is while the cursor moves on, so
 * that recurrent states can be kept: of all starts that leave between half and the whole of `limit`, the line number (in
 * giant lines: the character) that is divisible by the highest power of two is taken.
 */
function textBefore(source: TextSource, position: TextPosition, limit: number): string {
  const least = limit / 2;
  const line = source.lineAt(position.line);
  if (position.character > least) {
    const start =
      position.character <= limit
        ? 0
        : roundestBetween(position.character - limit, position.character - least);
    const from = splitsSurrogatePair(line, start) ? start + 1 : start;
    return line.slice(from, position.character);
  }
  let length = position.character;
  let lowest = position.line;
  let highest = position.line;
  while (lowest > 0) {
    const more = source.lineAt(lowest - 1).length + 1;
    if (length + more > limit) break;
    length += more;
    lowest--;
    if (length < least) highest = lowest;
  }
  const isShort = length < least;
  const start = isShort ? lowest : roundestBetween(lowest, Math.max(lowest, highest - 1));
  const lines: string[] = [];
  if (isShort && lowest > 0) {
    // The line above is too long for the rest of the window: its end is taken.
    const above = source.lineAt(lowest - 1);
    const end = above.length + 1 + length;
    const from = roundestBetween(end - limit, Math.min(above.length, end - least));
    lines.push(above.slice(splitsSurrogatePair(above, from) ? from + 1 : from));
  }
  for (let i = start; i < position.line; i++) lines.push(source.lineAt(i));
  lines.push(line.slice(0, position.character));
  return lines.join('\n');
}

/** The number from `low` to `high` that is divisible by the highest power of two. */
function roundestBetween(low: number, high: number): number {
  const from = Math.ceil(low);
  for (let step = 2 ** 30; step > 1; step /= 2) {
    const candidate = Math.ceil(from / step) * step;
    if (candidate <= high) return candidate;
  }
  return from;
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

import type { Suggestion } from '../../extension/completion/postProcessing';

/** Somebody writes `text` from `start` to `end`; what stands behind `end` is there already. UTF-16 units, LF only. */
export interface Passage {
  text: string;
  start: number;
  end: number;
}

export interface TypingFigures {
  /** Keys that the passage needs without suggestions. The editor indents a new line by itself. */
  characters: number;
  /** Keys that were pressed: characters, and one for each acceptance. */
  keys: number;
  /** Suggestions that appeared; what is left of one while it is typed or accepted in parts is the same one. */
  shown: number;
  /** Of these, how many were accepted, whole or in part. */
  accepted: number;
}

/** The editor, as far as writing needs it. */
export interface Writer {
  /** Text is inserted at the cursor, which moves behind it. */
  insert(text: string): void;
  suggest(): Promise<Suggestion | undefined>;
}

/** Nobody reaches for a key to save fewer characters. */
const LEAST_ACCEPTED = 2;

/** Writes the passage and accepts what is right: the whole suggestion, else its first lines, else its first words. */
export async function simulateTyping(
  { text, start, end }: Passage,
  writer: Writer,
): Promise<TypingFigures> {
  const figures = { characters: 0, keys: 0, shown: 0, accepted: 0 };
  let expected: string | undefined;
  let isAccepted = false;
  let at = start;
  while (at < end) {
    const indentation = text.charAt(at - 1) === '\n' ? indentationAt(text, at, end) : '';
    writer.insert(indentation);
    at += indentation.length;
    if (at >= end) break;
    const suggestion = await writer.suggest();
    const shown = suggestion?.insertText.replaceAll('\r\n', '\n');
    if (shown !== undefined && shown !== expected) {
      figures.shown++;
      isAccepted = false;
    }
    const rest = text.slice(at, end);
    const right = suggestion?.replacedAfter === 0 ? rightBeginning(shown ?? '', rest) : '';
    if (right.length >= LEAST_ACCEPTED && !isAccepted) figures.accepted++;
    if (right.length >= LEAST_ACCEPTED) isAccepted = true;
    const written = right.length >= LEAST_ACCEPTED ? right : nextCharacter(rest);
    writer.insert(written);
    figures.keys++;
    figures.characters += keysFor(written);
    expected = shown?.startsWith(written) ? shown.slice(written.length) : undefined;
    at += written.length;
  }
  return figures;
}

/** The longest beginning of whole lines or whole words of `shown` that `rest` begins with. */
export function rightBeginning(shown: string, rest: string): string {
  const ends = [...shown.matchAll(/\n|$|(?<=[\p{L}\p{N}_])(?![\p{L}\p{N}_])/gu)].map(
    ({ index }) => index,
  );
  const end = ends.findLast((index) => isWholeIn(rest, shown.slice(0, index)));
  return shown.slice(0, end ?? 0);
}

/** `rest` begins with it, and not in the middle of a longer word. */
function isWholeIn(rest: string, beginning: string): boolean {
  if (!rest.startsWith(beginning)) return false;
  const seam = rest.slice(Math.max(0, beginning.length - 1), beginning.length + 1);
  return !/^[\p{L}\p{N}_]{2}$/u.test(seam);
}

function indentationAt(text: string, at: number, end: number): string {
  return /^[ \t]*/.exec(text.slice(at, end))?.[0] ?? '';
}

/** Both halves of a character that has two. */
function nextCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

function keysFor(written: string): number {
  return written.replace(/\n[ \t]+/g, '\n').length;
}

import type { CompletionShape } from '../../model-runtime/protocol/messages';

/** Where a suggestion would be inserted, as the rules that shape it see it. All text is LF only. */
export interface ShapePlace {
  shape: CompletionShape;
  /** Most filled lines of a suggestion. */
  maxLines: number;
  /** The model ended the text by itself or a stop rule did; false when it ran out of tokens. */
  isFinished: boolean;
  /** Lines above the cursor's, as many as were read. */
  above: readonly string[];
  /** The cursor's line up to the cursor. */
  lineBefore: string;
  /** The cursor's line from the cursor on. */
  rest: string;
  /** Lines below the cursor's, as many as were read. */
  below: readonly string[];
}

/** Changes the text of a suggestion; the empty text means that nothing of it is left. */
export type ShapeRule = (text: string, place: ShapePlace) => string;

/** Nothing but closing brackets, punctuation and spaces: such lines come again and again in any file. */
export function isOnlyClosers(line: string): boolean {
  return /^[\s)\]}>;,]*$/.test(line);
}

export function indentationOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** A line of so many letters and digits hardly comes twice in a row by intent. */
export function isDistinctive(line: string): boolean {
  return line.replace(/[^\p{L}\p{N}]/gu, '').length >= 6;
}

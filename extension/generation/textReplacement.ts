import type { TextPosition } from '../completion/textSource';

/** What has to be replaced so that a text becomes another: positions in the text as it was. */
export interface TextReplacement {
  start: TextPosition;
  end: TextPosition;
  text: string;
}

/** `undefined` when they are equal. Both texts are LF only and start at `origin`. */
export function replacementBetween(
  origin: TextPosition,
  written: string,
  wanted: string,
): TextReplacement | undefined {
  if (written === wanted) return undefined;
  let same = 0;
  while (same < written.length && written[same] === wanted[same]) same++;
  // Never between the halves of one character.
  if (/[\uD800-\uDBFF]/.test(written[same - 1] ?? '')) same--;
  return {
    start: positionAfter(origin, written.slice(0, same)),
    end: positionAfter(origin, written),
    text: wanted.slice(same),
  };
}

/** The end of `text` (LF only) that starts at `origin`. */
export function positionAfter(origin: TextPosition, text: string): TextPosition {
  const lastBreak = text.lastIndexOf('\n');
  if (lastBreak < 0) return { line: origin.line, character: origin.character + text.length };
  return {
    line: origin.line + text.split('\n').length - 1,
    character: text.length - lastBreak - 1,
  };
}

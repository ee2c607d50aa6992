import type { TextPosition } from '../protocol/messages';
import { comparePositions, type DocumentText } from '../state/documentText';
import { previousSegmentStart } from '../state/segments';

/** Where the infill region starts when a new one is chosen: lines above the cursor's line (training: 0-12, best 4-8). */
const PREFERRED_LINES_ABOVE = 6;
/** A region that has grown beyond this is given up for a new one. */
export const MOST_LINES_ABOVE = 12;
/** Longer regions, of giant lines, are given up too. */
const MOST_CHARACTERS = 4000;
/** What is left of them. */
const PREFERRED_CHARACTERS = 1000;

/**
 * Where the region of a prompt starts: a segment start at or before `cursor`. `previous`, that of the document's last
 * request, is kept while the cursor stays within training's range of it: then typing only appends to the prompt and the
 * recurrent state goes on.
 */
export function regionStart(
  text: DocumentText,
  cursor: TextPosition,
  previous: TextPosition | undefined,
  mostLinesAbove = MOST_LINES_ABOVE,
): TextPosition {
  if (previous && comparePositions(previous, cursor) <= 0) {
    const isNear = cursor.line - previous.line <= mostLinesAbove;
    if (isNear && text.distance(previous, cursor) <= MOST_CHARACTERS) return previous;
  }
  const line = Math.max(0, cursor.line - PREFERRED_LINES_ABOVE);
  // On a blank line no segment starts: then further up.
  let start = previousSegmentStart(text, { line, character: 1 });
  if (text.distance(start, cursor) <= MOST_CHARACTERS) return start;
  start = previousSegmentStart(text, cursor);
  for (;;) {
    const earlier = previousSegmentStart(text, start);
    const isLast = comparePositions(earlier, start) === 0;
    if (isLast || text.distance(earlier, cursor) > PREFERRED_CHARACTERS) return start;
    start = earlier;
  }
}

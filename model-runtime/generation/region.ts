import type { TextPosition } from '../protocol/messages';
import { comparePositions, type DocumentText } from '../state/documentText';
import { previousSegmentStart } from '../state/segments';

/** Where the infill region starts when a new one is chosen: lines above the cursor's line (training: 0-12, best 4-8). */
export const PREFERRED_LINES_ABOVE = 6;
/** A region rather starts where a state is kept than there, but not with fewer. */
export const FEWEST_LINES_ABOVE = 3;
/** A region that has grown beyond this is given up for a new one. */
export const MOST_LINES_ABOVE = 12;
/** Longer regions, of giant lines, are given up too. */
const MOST_CHARACTERS = 4000;
/** What is left of them. */
const PREFERRED_CHARACTERS = 1000;

/**
 * Where the region of a prompt starts: a segment start at or before `cursor`. `previous`, that of the document's last
 * request, is kept while the cursor stays within training's range of it: then typing only appends to the prompt and the
 * recurrent state goes on. Otherwise it starts where `lastKept`, up to a place, has a kept state, if that is in range.
 */
export function regionStart(
  text: DocumentText,
  cursor: TextPosition,
  previous: TextPosition | undefined,
  mostLinesAbove = MOST_LINES_ABOVE,
  lastKept: (place: TextPosition) => TextPosition | undefined = () => undefined,
): TextPosition {
  const isInRange = (start: TextPosition) =>
    comparePositions(start, cursor) <= 0 &&
    cursor.line - start.line <= mostLinesAbove &&
    text.distance(start, cursor) <= MOST_CHARACTERS;
  if (previous && isInRange(previous)) return previous;
  const kept = lastKept({ line: cursor.line - FEWEST_LINES_ABOVE, character: 0 });
  if (kept && isInRange(kept)) return kept;
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

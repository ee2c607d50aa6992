import type { TextPosition } from '../protocol/messages';
import type { TextState } from '../state/documentStates';
import type { TrackedDocument } from '../state/documentStore';
import { comparePositions, type DocumentText } from '../state/documentText';
import type { RelatedRoot } from '../state/relatedFiles';
import { previousSegmentStart } from '../state/segments';

const DOCUMENT_START: TextPosition = { line: 0, character: 0 };

/**
 * Where the context of a region begins: at the document's start when that is at most `limit` characters away. Otherwise it
 * has between half of `limit` and all of it, and begins at the line whose number is divisible by the highest power of two,
 * so that it stays the same while the region moves on.
 */
export function contextStart(
  text: DocumentText,
  region: TextPosition,
  limit: number,
): TextPosition {
  let characters = region.character;
  let highest = region.line;
  let lowest = region.line;
  while (lowest > 0) {
    const more = text.line(lowest - 1).length + 1;
    if (characters + more > limit) break;
    characters += more;
    lowest--;
    if (characters < limit / 2) highest = lowest;
  }
  if (lowest === 0 && characters <= limit) return DOCUMENT_START;
  if (characters > limit || characters < limit / 2) {
    // A giant line fills the rest.
    return nearestWithin(text, region, limit);
  }
  const line = roundestBetween(lowest, Math.max(lowest, highest - 1));
  return previousSegmentStart(text, { line, character: 1 });
}

/**
 * Whether a state's context is as long as one that is chosen afresh for `region`, and not so long that the model would be far
 * outside of what it was trained on.
 */
export function isDeep(
  text: DocumentText,
  state: TextState,
  region: TextPosition,
  limit: number,
): boolean {
  if (comparePositions(state.contextStart, DOCUMENT_START) === 0) {
    return text.distance(DOCUMENT_START, region) <= MOST_LIMITS * limit;
  }
  const characters = text.distance(state.contextStart, region);
  return characters >= limit / 2 && characters <= MOST_LIMITS * limit;
}

/** The last kept state up to `place` that has read the whole context of a region there, after the same related files. */
export function wholeContextAt(
  { text, states }: TrackedDocument,
  place: TextPosition,
  root: RelatedRoot | undefined,
  limit: number,
): TextState | undefined {
  return states.nearestText(
    place,
    (state) => state.root === root && isDeep(text, state, place, limit),
  );
}

/** A context that has grown beyond this many times its limit is read afresh in the background. */
export const MOST_LIMITS = 2;

/** The segment start furthest up of those within `limit` characters. */
function nearestWithin(text: DocumentText, region: TextPosition, limit: number): TextPosition {
  let start = region;
  for (;;) {
    const earlier = previousSegmentStart(text, start);
    if (comparePositions(earlier, start) === 0) return start;
    if (text.distance(earlier, region) > limit) return start;
    start = earlier;
  }
}

/** The number from `low` to `high` that is divisible by the highest power of two. */
function roundestBetween(low: number, high: number): number {
  for (let step = 2 ** 30; step > 1; step /= 2) {
    const candidate = Math.ceil(low / step) * step;
    if (candidate <= high) return candidate;
  }
  return low;
}

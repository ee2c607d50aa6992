import type { StateSnapshot } from '../engines/engine';
import type { KeptState, TextChange, TextPosition } from '../protocol/messages';
import { comparePositions, type DocumentText } from './documentText';
import type { RelatedRoot } from './relatedFiles';
import { isSegmentStart } from './segments';

/** A point of the plain text: everything from `contextStart` to `at` has been read. Both are segment starts. */
export interface TextState {
  at: TextPosition;
  contextStart: TextPosition;
  /** The related files that were read before the context. */
  root: RelatedRoot | undefined;
  /** Tokens that were read to reach it, those of the root included. */
  tokens: number;
  snapshot: StateSnapshot;
}

/** What a state began with. */
type Context = Pick<TextState, 'contextStart' | 'root'>;

/** A point inside the region: after the plain text up to `at`, `tail` has been read. */
export interface CursorState extends TextState {
  tail: Int32Array;
}

/** States of plain text that one document keeps at most, whatever its length. */
export const MOST_TEXT_STATES = 8;
/** States between what the user sees, at most. They are kept in 16 bits, where the engine can. */
export const MOST_VIEW_STATES = 8;
/** States at the cursor: before the word that is being typed, and inside it when it has many tokens. */
const MOST_CURSOR_STATES = 2;
/** Distances below this are all the same to the choice of what to drop. */
const NEAR_CHARACTERS = 128;

/**
 * What one document keeps, moved along with its edits: a state that has read changed text is given up, one that has not is
 * kept. Owns its snapshots.
 */
export class DocumentStates {
  /** By position. */
  private texts: TextState[] = [];
  /** As `texts`, of the lines in view; what goes first is first. */
  private views: TextState[] = [];
  /** Newest last. */
  private cursors: CursorState[] = [];
  private size = 0;
  /** Where the last request's region started, while the text above is unchanged. */
  regionStart: TextPosition | undefined;

  get sizeBytes(): number {
    return this.size;
  }

  get count(): number {
    return this.texts.length + this.views.length + this.cursors.length;
  }

  /** The last state at or before `position` that `isUsable` takes. */
  nearestText(
    position: TextPosition,
    isUsable: (state: TextState) => boolean = () => true,
  ): TextState | undefined {
    let nearest: TextState | undefined;
    for (const state of [...this.texts, ...this.views]) {
      if (comparePositions(state.at, position) > 0 || !isUsable(state)) continue;
      if (!nearest || comparePositions(state.at, nearest.at) > 0) nearest = state;
    }
    return nearest;
  }

  /** The longest state of this region whose tokens begin `tail` and leave at least one of it to read. */
  longestCursor(region: TextPosition, tail: Int32Array): CursorState | undefined {
    let best: CursorState | undefined;
    for (const state of this.cursors) {
      if (comparePositions(state.at, region) !== 0 || state.tail.length >= tail.length) continue;
      if (best && best.tail.length >= state.tail.length) continue;
      if (isPrefix(state.tail, tail)) best = state;
    }
    return best;
  }

  /** Takes ownership. In place of another state at the same position. */
  addText(state: TextState, text: DocumentText): void {
    const same = this.texts.find(({ at }) => comparePositions(at, state.at) === 0);
    if (same) this.removeText(same);
    const next = this.texts.findIndex(({ at }) => comparePositions(at, state.at) > 0);
    this.texts.splice(next < 0 ? this.texts.length : next, 0, state);
    this.size += state.snapshot.sizeBytes;
    if (this.texts.length > MOST_TEXT_STATES) this.thinOut(text, state.at);
  }

  /** Takes ownership. In place of another one in view at the same position. */
  addView(state: TextState): void {
    state.snapshot.compact?.();
    const same = this.views.find(({ at }) => comparePositions(at, state.at) === 0);
    if (same) this.removeView(same);
    this.views.push(state);
    this.size += state.snapshot.sizeBytes;
    while (this.views.length > MOST_VIEW_STATES && this.views[0]) this.removeView(this.views[0]);
  }

  /** Those between two places are in view now: the others go before them. */
  preferViewsBetween(first: TextPosition, last: TextPosition): void {
    const isInside = ({ at }: TextState) =>
      comparePositions(at, first) >= 0 && comparePositions(at, last) <= 0;
    this.views = [
      ...this.views.filter((state) => !isInside(state)),
      ...this.views.filter(isInside),
    ];
  }

  /** Takes ownership. The oldest go. */
  addCursor(state: CursorState): void {
    this.cursors.push(state);
    this.size += state.snapshot.sizeBytes;
    while (this.cursors.length > MOST_CURSOR_STATES && this.cursors[0]) {
      this.removeCursor(this.cursors[0]);
    }
  }

  hasCursor(region: TextPosition, context: Context, tail: Int32Array): boolean {
    return this.cursors.some(
      (state) =>
        comparePositions(state.at, region) === 0 &&
        isSameContext(state, context) &&
        state.tail.length === tail.length &&
        isPrefix(state.tail, tail),
    );
  }

  /** Gives up the states at the cursor that `isUnwanted` names. */
  dropCursors(isUnwanted: (state: CursorState) => boolean): void {
    for (const state of this.cursors.filter(isUnwanted)) this.removeCursor(state);
  }

  /** After `change` was made in `text`. */
  applyChange(change: TextChange, text: DocumentText): void {
    for (const state of [...this.texts]) {
      if (!follow(state, change, text)) this.removeText(state);
    }
    for (const state of [...this.views]) {
      if (!follow(state, change, text)) this.removeView(state);
    }
    for (const state of [...this.cursors]) {
      if (!follow(state, change, text)) this.removeCursor(state);
    }
    if (this.regionStart) this.regionStart = moved(this.regionStart, change, text);
  }

  /** Rounds one state to 16 bits, where the engine can; the oldest first. Returns whether there was one left to round. */
  compact(): boolean {
    for (const { snapshot } of [...this.texts, ...this.cursors]) {
      const before = snapshot.sizeBytes;
      snapshot.compact?.();
      this.size -= before - snapshot.sizeBytes;
      if (snapshot.sizeBytes < before) return true;
    }
    return false;
  }

  /** Frees one state: such as are good for speed only first, then the two that a return to the document needs. */
  evict(keepsEssential: boolean): boolean {
    if (this.views[0]) {
      this.removeView(this.views[0]);
      return true;
    }
    const region = this.regionStart;
    const surplus = this.texts.find(
      ({ at }) => region === undefined || comparePositions(at, region) !== 0,
    );
    if (surplus) this.removeText(surplus);
    else if (this.cursors.length > 1 && this.cursors[0]) this.removeCursor(this.cursors[0]);
    else if (keepsEssential) return false;
    else if (this.texts[0]) this.removeText(this.texts[0]);
    else if (this.cursors[0]) this.removeCursor(this.cursors[0]);
    else return false;
    return true;
  }

  dispose(): void {
    for (const state of [...this.texts]) this.removeText(state);
    for (const state of [...this.views]) this.removeView(state);
    for (const state of [...this.cursors]) this.removeCursor(state);
    this.regionStart = undefined;
  }

  describe(): KeptState[] {
    const describe = (kind: KeptState['kind']) => (state: TextState) => ({
      kind,
      position: state.at,
      contextStart: state.contextStart,
      tokens: state.tokens,
      sizeBytes: state.snapshot.sizeBytes,
    });
    return [
      ...this.texts.map(describe('text')),
      ...this.views.map(describe('view')),
      ...this.cursors.map(describe('cursor')),
    ];
  }

  /**
   * Drops the state whose loss costs least: the gap it would leave, measured against its distance from the cursor. What
   * remains lies densely near the cursor and ever more sparsely away from it.
   */
  private thinOut(text: DocumentText, cursor: TextPosition): void {
    const offsets = this.texts.map(({ at }) => text.distance(cursor, at));
    let least = Infinity;
    let victim: TextState | undefined;
    this.texts.forEach((state, i) => {
      const offset = offsets[i] ?? 0;
      if (offset === 0) return;
      const before = offsets[i - 1] ?? offset - NEAR_CHARACTERS;
      const after = offsets[i + 1] ?? offset + NEAR_CHARACTERS;
      const cost = (after - before) / (Math.abs(offset) + NEAR_CHARACTERS);
      if (cost < least) {
        least = cost;
        victim = state;
      }
    });
    if (victim) this.removeText(victim);
  }

  private removeText(state: TextState): void {
    this.texts = this.texts.filter((other) => other !== state);
    this.free(state);
  }

  private removeView(state: TextState): void {
    this.views = this.views.filter((other) => other !== state);
    this.free(state);
  }

  private removeCursor(state: CursorState): void {
    this.cursors = this.cursors.filter((other) => other !== state);
    this.free(state);
  }

  private free({ snapshot }: TextState): void {
    this.size -= snapshot.sizeBytes;
    snapshot.dispose();
  }
}

/** Whether both began with the same tokens. */
export function isSameContext(a: Context, b: Context): boolean {
  return a.root === b.root && comparePositions(a.contextStart, b.contextStart) === 0;
}

/** Moves a state along with an edit; false when it has read what the edit changed. */
function follow(state: TextState, change: TextChange, text: DocumentText): boolean {
  if (comparePositions(state.contextStart, change.end) > 0) {
    // Its context starts below the edit, not where the edit ends: what is put in there becomes part of the context.
    const contextStart = moved(state.contextStart, change, text);
    const at = moved(state.at, change, text);
    if (!contextStart || !at) return false;
    state.contextStart = contextStart;
    state.at = at;
    return true;
  }
  return isUntouched(state.at, change, text);
}

/** Where a segment start is after an edit that leaves it one: before the edit, or on a line below it. */
function moved(
  position: TextPosition,
  change: TextChange,
  text: DocumentText,
): TextPosition | undefined {
  if (isUntouched(position, change, text)) return position;
  if (position.line <= change.end.line) return undefined;
  const addedLines = countNewlines(change.text) - (change.end.line - change.start.line);
  return { line: position.line + addedLines, character: position.character };
}

/** Whether all before the position is as it was and the position is still a segment start. */
function isUntouched(position: TextPosition, change: TextChange, text: DocumentText): boolean {
  if (comparePositions(position, change.start) > 0) return false;
  // Inside a giant line, where segments start depends on the line being one.
  if (position.character > 0 && position.line === change.start.line) return false;
  return isSegmentStart(text, position);
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function isPrefix(prefix: Int32Array, tokens: Int32Array): boolean {
  if (prefix.length > tokens.length) return false;
  // From the end: two states of one document differ there first.
  for (let i = prefix.length - 1; i >= 0; i--) if (prefix[i] !== tokens[i]) return false;
  return true;
}

import type { RecurrentState } from '../engines/engine';
import type { LineRange, TextPosition } from '../protocol/messages';
import { MOST_VIEW_STATES, type TextState } from '../state/documentStates';
import type { DocumentStore, TrackedDocument } from '../state/documentStore';
import { comparePositions, type DocumentText } from '../state/documentText';
import type { RelatedRoot } from '../state/relatedFiles';
import { previousSegmentStart } from '../state/segments';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { contextStart, MOST_LIMITS, wholeContextAt } from './context';
import { read, type ReadingEngine } from './prefill';
import { joinTokens, textTokens } from './prompt';
import { FEWEST_LINES_ABOVE, PREFERRED_LINES_ABOVE } from './region';

/** Between two places, where all in view can have such: then each line has one that its region may start at. */
const LINES_APART = 8;
/** Of higher views, and of those with much folded in them, the lines below are left out. */
const MOST_LINES = 96;

/** What a state of the document has to begin with. */
export interface ViewContext {
  header: Int32Array;
  root: RelatedRoot | undefined;
  contextCharacters: number;
}

/** Reads the text above places in view, so that a cursor that is set there finds the whole context read. */
export class ViewReader {
  constructor(
    private readonly engine: ReadingEngine,
    private readonly state: RecurrentState,
    private readonly tokenizer: ModelTokenizer,
    private readonly store: DocumentStore,
  ) {}

  /** Returns the tokens read. Throws the signal's reason when it aborts; what was read until then is kept. */
  async read(
    document: TrackedDocument,
    view: LineRange,
    context: ViewContext,
    signal: AbortSignal,
  ): Promise<number> {
    signal.throwIfAborted();
    const { text, states } = document;
    const { root, contextCharacters } = context;
    const { places, linesApart } = placesInView(text, view);
    const [top] = places;
    const bottom = places.at(-1);
    if (!top || !bottom) return 0;
    states.preferViewsBetween(top, bottom);
    const nearest = (place: TextPosition) =>
      wholeContextAt(document, place, root, contextCharacters);
    const missing = places.filter((place) => {
      const near = nearest(place);
      return !near || place.line - near.at.line >= linesApart;
    });
    const [first] = missing;
    if (!first) return 0;
    const fresh = contextStart(text, first, contextCharacters);
    const above = nearest(first);
    const kept = above && comparePositions(above.at, fresh) >= 0 ? above : undefined;
    const start = kept?.contextStart ?? fresh;
    // Of giant lines: others are read the next time, with a context of their own.
    const reach = MOST_LIMITS * contextCharacters;
    const inReach = missing.filter((place) => text.distance(start, place) <= reach);
    return this.readOn(document, kept ?? fresh, inReach, context, signal);
  }

  /** From a kept state, or from where a fresh context starts, to the last of `places`. */
  private async readOn(
    document: TrackedDocument,
    from: TextState | TextPosition,
    places: readonly TextPosition[],
    { header, root }: ViewContext,
    signal: AbortSignal,
  ): Promise<number> {
    const { state, store } = this;
    const last = places.at(-1);
    if (!last) return 0;
    const kept = 'snapshot' in from ? from : undefined;
    const start = 'snapshot' in from ? from.at : from;
    const begun = kept ?? root;
    if (begun?.snapshot) state.restore(begun.snapshot);
    else state.reset();
    const segments = textTokens(document.text, start, last, this.tokenizer);
    const parts = [kept ? new Int32Array() : header, ...segments.map(({ tokens }) => tokens)];
    const reached = new Map<number, TextPosition>();
    let length = 0;
    parts.forEach((part, i) => {
      length += part.length;
      reached.set(length, segments[i]?.start ?? last);
    });
    const readBefore = kept?.tokens ?? root?.tokensRead ?? 0;
    const keep = (position: number) => {
      const at = reached.get(position);
      if (!at || position === 0) return;
      store.keepView(document, {
        at,
        contextStart: kept?.contextStart ?? start,
        root,
        tokens: readBefore + position,
        snapshot: state.snapshot(),
      });
    };
    const isPlace = (at: TextPosition) => places.some((place) => comparePositions(place, at) === 0);
    const stops = [...reached].flatMap(([position, at]) => (isPlace(at) ? [position] : []));
    const tokens = joinTokens(parts);
    await read(
      this.engine,
      state,
      { tokens, stops, boundaries: [...reached.keys()], onStop: keep, onInterrupted: keep },
      signal,
    );
    return tokens.length;
  }
}

/** Segment starts between the lines in view, the uppermost one first; on round lines, so that scrolling a little changes few. */
function placesInView(
  text: DocumentText,
  { firstLine, lastLine }: LineRange,
): { places: TextPosition[]; linesApart: number } {
  const first = Math.max(0, firstLine - PREFERRED_LINES_ABOVE);
  const bottom = Math.min(lastLine, firstLine + MOST_LINES, text.lineCount - 1);
  const last = bottom - FEWEST_LINES_ABOVE;
  const linesApart = Math.max(LINES_APART, Math.ceil((last - first) / (MOST_VIEW_STATES - 1)));
  const places: TextPosition[] = [];
  for (let line = Math.ceil(first / linesApart) * linesApart; line <= last; line += linesApart) {
    const place = previousSegmentStart(text, { line, character: 1 });
    const before = places.at(-1) ?? { line: 0, character: 0 };
    if (comparePositions(place, before) > 0) places.push(place);
  }
  return { places, linesApart };
}

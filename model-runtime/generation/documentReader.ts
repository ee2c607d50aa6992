import type { RecurrentState } from '../engines/engine';
import type {
  CompleteRequest,
  LineRange,
  ReadingReason,
  StateReuse,
  TextPosition,
} from '../protocol/messages';
import type { DocumentStore, TrackedDocument } from '../state/documentStore';
import { isSameContext, type CursorState, type TextState } from '../state/documentStates';
import { comparePositions } from '../state/documentText';
import { isRead, type RelatedRoot } from '../state/relatedFiles';
import { previousSegmentStart } from '../state/segments';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { contextStart, isDeep, wholeContextAt } from './context';
import { read, type ReadingEngine } from './prefill';
import type { PromptFormat } from './promptFormat';
import { buildTail, headerTokens, joinTokens, textTokens, type Tail } from './prompt';
import { MOST_LINES_ABOVE, regionStart } from './region';
import { relatedRoot } from './relatedRoot';
import { isSameSuffix, SHORT_SUFFIX_CHARACTERS, textAfter } from './suffix';
import { ViewReader } from './viewReader';

/** Distances, in tokens, above the region at which states of the plain text are kept on the way to it. */
const KEPT_DISTANCES = [0, 48, 96, 192, 384, 768, 1536];
/** A request that may read so many tokens of text above the region has time for the whole text after the cursor. */
const MANY_TOKENS = 1000;
/** Background reading takes a new region already when the cursor is so many lines below the start of the old one. */
const WARM_LINES_ABOVE = 8;

export interface ReadPlace {
  position: TextPosition;
  contextCharacters: number;
  insertion?: CompleteRequest['insertion'];
  /** Absent in background reading, which reads the whole context. */
  maxReadTokens?: number;
  /** A place that may never come to be: what is kept of it must not take the place of what the next key needs. */
  isAhead?: boolean | undefined;
  /** In the background, but the next key needs all of it: a chunk that has been begun is read to its end. */
  isNeededSoon?: boolean | undefined;
}

export interface ReadResult {
  /** Logits `[V]` after the prompt's last token; absent when nothing had to be read (background only). */
  logits: Float32Array | undefined;
  promptTokens: number;
  tokensRead: number;
  reuse: StateReuse;
  reason: ReadingReason;
  /** The text after the cursor as it is now, for the stop rule. */
  suffix: string;
  /** The whole prompt, special tokens spelled out. Made when it is asked for: a keystroke does not wait for it. */
  prompt: () => string;
  /** The context that was read, where guesses at what follows come from; absent for engines that cannot verify guesses. */
  history?: Int32Array;
}

interface Start {
  state: TextState | CursorState | undefined;
  /** Related files that the state has read, or without a state those that are read, as far as they are not, before the context. */
  root: RelatedRoot | undefined;
  contextStart: TextPosition;
  /** Tokens that the state has read already. */
  tokens: number;
  plain: { start: TextPosition; tokens: Int32Array }[];
  header: Int32Array;
  reuse: StateReuse;
  reason: ReadingReason;
}

interface ReadPlan {
  start: Start;
  region: TextPosition;
  tail: Tail;
  /** The text after the cursor as it is, and as the prompt has it. */
  suffix: string;
  promptSuffix: string;
}

/** Brings the live state to a place in a document, from the nearest kept state, and keeps states on the way. */
export class DocumentReader {
  constructor(
    private readonly engine: ReadingEngine,
    /** It can verify guesses at what follows. */
    private readonly hasDrafts: boolean,
    private readonly state: RecurrentState,
    private readonly tokenizer: ModelTokenizer,
    private readonly format: PromptFormat,
    private readonly store: DocumentStore,
  ) {}

  /** How many tokens `read` would read now. */
  tokensToRead(document: TrackedDocument, asked: ReadPlace): number {
    const { start, tail } = this.plan(document, asked);
    const plain = start.plain.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const above = unreadRoot(start).length + start.header.length + plain;
    return above + tail.tokens.length - tailRead(start);
  }

  /** Where reading for a place starts and what is to be read. */
  private plan(document: TrackedDocument, asked: ReadPlace): ReadPlan {
    const contextCharacters = Math.min(asked.contextCharacters, this.format.mostContextCharacters);
    const place = { ...asked, contextCharacters };
    const { text, states } = document;
    const isBackground = place.maxReadTokens === undefined;
    const end = place.insertion?.start ?? place.position;
    const mostLines = isBackground ? WARM_LINES_ABOVE : MOST_LINES_ABOVE;
    const root = this.rootFor(document, isBackground, contextCharacters);
    const wholeContext = (at: TextPosition) =>
      wholeContextAt(document, at, root, contextCharacters);
    const region = regionStart(
      text,
      end,
      states.regionStart,
      mostLines,
      (at) => wholeContext(at)?.at,
    );
    const suffix = textAfter(text, place.position);
    const hasContext = () => {
      const nearest = wholeContext(region);
      return nearest !== undefined && comparePositions(nearest.at, region) === 0;
    };
    const promptSuffix = suffixOfPrompt(document, place, suffix, hasContext);
    const tail = buildTail(
      text,
      region,
      end,
      place.insertion?.text ?? '',
      promptSuffix,
      this.tokenizer,
      this.format,
    );
    const start = this.findStart(document, region, tail, root, place);
    return { start, region, tail, suffix, promptSuffix };
  }

  /** Throws the signal's reason when it aborts; what was read until then is kept. */
  async read(
    document: TrackedDocument,
    place: ReadPlace,
    signal: AbortSignal,
  ): Promise<ReadResult> {
    signal.throwIfAborted();
    const { text, states } = document;
    const { start, region, tail, suffix, promptSuffix } = this.plan(document, place);
    const isBackground = place.maxReadTokens === undefined;
    const take = () => {
      states.regionStart = region;
      document.suffix = promptSuffix;
    };
    // Background reading that is interrupted leaves the prompt as it was.
    if (!isBackground && !place.isAhead) take();
    // Before the reading: the document may change meanwhile.
    const plain = text.slice(start.contextStart, region);
    const prompt = () =>
      this.tokenizer.decode([...(start.root?.tokens ?? [])]) +
      this.tokenizer.decode([...this.header(document, start.root)]) +
      plain +
      this.tokenizer.decode([...tail.tokens]);
    const history = isBackground ? undefined : this.history(document, start, region, tail);
    const { logits, tokensRead } = await this.readFrom(
      document,
      start,
      region,
      tail,
      place,
      signal,
    );
    if (isBackground && document.earliestChange === undefined) take();
    return {
      logits,
      promptTokens: start.tokens + tokensRead,
      tokensRead,
      reuse: start.reuse,
      reason: start.reason,
      suffix,
      prompt,
      ...(history ? { history } : {}),
    };
  }

  /** Reads the text above the lines that the user sees, in the background. Returns the tokens read. */
  async readView(
    document: TrackedDocument,
    view: LineRange,
    asked: Pick<ReadPlace, 'contextCharacters'>,
    signal: AbortSignal,
  ): Promise<number> {
    const { engine, state, tokenizer, store } = this;
    const contextCharacters = Math.min(asked.contextCharacters, this.format.mostContextCharacters);
    const known = this.rootFor(document, true, contextCharacters);
    const root = known && isRead(known) ? known : undefined;
    const header = this.header(document, root);
    const reader = new ViewReader(engine, state, tokenizer, store);
    return reader.read(document, view, { header, root, contextCharacters }, signal);
  }

  /**
   * The related files that a new context begins with. Only background reading takes note of others than before and reads them: a
   * key goes on from what there is.
   */
  private rootFor(
    { id }: TrackedDocument,
    isBackground: boolean,
    contextCharacters: number,
  ): RelatedRoot | undefined {
    const { related } = this.store;
    if (isBackground) {
      return related.renew(id, (asked) =>
        relatedRoot(asked, this.tokenizer, this.format, contextCharacters),
      );
    }
    const root = related.rootOf(id);
    return root && isRead(root) ? root : undefined;
  }

  private header({ path }: TrackedDocument, root: RelatedRoot | undefined): Int32Array {
    return headerTokens(path, this.tokenizer, this.format, root !== undefined);
  }

  private history(
    { text }: TrackedDocument,
    start: Start,
    region: TextPosition,
    tail: Tail,
  ): Int32Array | undefined {
    if (!this.hasDrafts) return undefined;
    const above = textTokens(text, start.contextStart, region, this.tokenizer);
    return joinTokens([...above.map(({ tokens }) => tokens), tail.tokens]);
  }

  /** The kept state from which the least has to be read, or a fresh context. */
  private findStart(
    document: TrackedDocument,
    region: TextPosition,
    tail: Tail,
    root: RelatedRoot | undefined,
    { contextCharacters, maxReadTokens }: ReadPlace,
  ): Start {
    const { text, states } = document;
    const none = { header: new Int32Array(), plain: [] };
    const isGood = (state: TextState) =>
      // Something is left to read.
      (tail.tokens.length > 0 || comparePositions(state.at, region) < 0) &&
      (maxReadTokens !== undefined ||
        (state.root === root && isDeep(text, state, region, contextCharacters)));
    const cursor = states.longestCursor(region, tail.tokens);
    if (cursor && isGood(cursor)) {
      const { tokens } = cursor;
      const reason = 'continues';
      return {
        ...none,
        state: cursor,
        root: cursor.root,
        contextStart: cursor.contextStart,
        tokens,
        reuse: 'cursor',
        reason,
      };
    }
    const nearest = states.nearestText(region, isGood);
    if (nearest && comparePositions(nearest.at, region) === 0) {
      const reason = cursor ? 'longerContext' : 'regionChanged';
      return {
        ...none,
        state: nearest,
        root: nearest.root,
        contextStart: nearest.contextStart,
        tokens: nearest.tokens,
        reuse: 'region',
        reason,
      };
    }
    const limit = maxReadTokens ?? Infinity;
    const deepStart = contextStart(text, region, contextCharacters);
    const from = nearest && comparePositions(nearest.at, deepStart) >= 0 ? nearest.at : deepStart;
    const plain = this.plainBefore(document, region, from, limit);
    const first = plain[0]?.start ?? region;
    if (nearest && comparePositions(first, nearest.at) === 0) {
      const reason = 'nearestAbove';
      return {
        state: nearest,
        root: nearest.root,
        contextStart: nearest.contextStart,
        tokens: nearest.tokens,
        plain,
        header: new Int32Array(),
        reuse: 'text',
        reason,
      };
    }
    const header = this.header(document, root);
    const reason = comparePositions(first, deepStart) === 0 ? 'noneAbove' : 'noneNear';
    return {
      state: undefined,
      root,
      contextStart: first,
      tokens: root?.tokensRead ?? 0,
      plain,
      header,
      reuse: 'nothing',
      reason,
    };
  }

  /** The plain text above the region, from `from` on but at most `limit` tokens of it, whole segments. */
  private plainBefore(
    { text }: TrackedDocument,
    region: TextPosition,
    from: TextPosition,
    limit: number,
  ): { start: TextPosition; tokens: Int32Array }[] {
    if (limit === Infinity) return textTokens(text, from, region, this.tokenizer);
    const plain: { start: TextPosition; tokens: Int32Array }[] = [];
    let count = 0;
    let end = region;
    while (comparePositions(end, from) > 0) {
      const start = previousSegmentStart(text, end);
      const tokens = this.tokenizer.encode(text.slice(start, end));
      count += tokens.length;
      if (count > limit) break;
      plain.push({ start, tokens });
      end = start;
    }
    return plain.reverse();
  }

  private async readFrom(
    document: TrackedDocument,
    start: Start,
    region: TextPosition,
    tail: Tail,
    { isAhead, isNeededSoon }: ReadPlace,
    signal: AbortSignal,
  ): Promise<{ logits: Float32Array | undefined; tokensRead: number }> {
    const { store, state } = this;
    const { root, contextStart } = start;
    const kept = start.state ?? root;
    if (kept?.snapshot) state.restore(kept.snapshot);
    else state.reset();
    const rootRest = unreadRoot(start);
    const alreadyRead = tailRead(start);
    const parts = [
      joinTokens([rootRest, start.header]),
      ...start.plain.map(({ tokens }) => tokens),
    ];
    const ends = endsOf(parts);
    const plainLength = ends.at(-1) ?? 0;
    const tokens = joinTokens([...parts, tail.tokens.subarray(alreadyRead)]);
    // The text position that is reached at the end of each part.
    const positions = [...start.plain.map((segment) => segment.start), region];
    const at = new Map(ends.map((end, i) => [end, positions[i] ?? region]));
    const keep = (position: number) => {
      const common = { contextStart, root, tokens: start.tokens + position };
      if (root && position <= rootRest.length) {
        store.keepRoot(document, root, state.snapshot(), common.tokens);
        return;
      }
      const reached = at.get(position);
      if (position <= plainLength) {
        if (reached && position > 0) {
          store.keepText(document, { ...common, at: reached, snapshot: state.snapshot() });
        }
        return;
      }
      if (isAhead) return;
      const read = tail.tokens.slice(0, alreadyRead + position - plainLength);
      if (document.states.hasCursor(region, start, read)) return;
      // Those with another context would be found before this one.
      document.states.dropCursors((cursor) => !isSameContext(cursor, start));
      store.keepCursor(document, { ...common, at: region, tail: read, snapshot: state.snapshot() });
    };
    const cursorStops = cursorLengths(tail).map((length) => plainLength + length - alreadyRead);
    const stops = [rootRest.length, ...keptEnds(ends), ...cursorStops].filter((stop) => stop > 0);
    const logits = await read(
      this.engine,
      state,
      {
        tokens,
        stops,
        boundaries: ends,
        onStop: keep,
        onInterrupted: keep,
        isEveryChunkKept: isNeededSoon,
      },
      signal,
    );
    return { logits, tokensRead: tokens.length };
  }
}

/** The text after the cursor that the prompt has: what the last one had, where that serves; as much as there is time for. */
function suffixOfPrompt(
  { text, suffix: previous }: TrackedDocument,
  { position, maxReadTokens = Infinity }: ReadPlace,
  suffix: string,
  hasContext: () => boolean,
): string {
  if (maxReadTokens === Infinity) return suffix;
  if (previous !== undefined && isSameSuffix(previous, suffix)) return previous;
  const isShort = maxReadTokens < MANY_TOKENS && hasContext();
  return isShort ? textAfter(text, position, SHORT_SUFFIX_CHARACTERS) : suffix;
}

/** What has to be read of the related files first. */
function unreadRoot({ state, root }: Start): Int32Array {
  return state || !root ? new Int32Array() : root.tokens.subarray(root.tokensRead);
}

/** How much of the tail the state where reading starts has read. */
function tailRead({ state }: Start): number {
  return state && 'tail' in state ? state.tail.length : 0;
}

/** Where states at the cursor are kept: before the word that is being typed, and inside a word of many tokens. */
function cursorLengths({ tokens, stableLength }: Tail): number[] {
  const inside = tokens.length - 2;
  return inside > stableLength ? [stableLength, inside] : [stableLength];
}

/**
 * Of the ends of the plain text's parts: the last one, and for each distance the nearest that lies so far above. Not that of the
 * header, a few tokens, when there is another.
 */
function keptEnds([header, ...text]: readonly number[]): number[] {
  const ends = text.length > 0 ? text : header === undefined ? [] : [header];
  const last = ends.at(-1) ?? 0;
  const kept = KEPT_DISTANCES.map((distance) => ends.findLast((end) => last - end >= distance));
  return [...new Set(kept)].filter((end) => end !== undefined).sort((a, b) => a - b);
}

function endsOf(parts: readonly Int32Array[]): number[] {
  let end = 0;
  return parts.map((part) => (end += part.length));
}

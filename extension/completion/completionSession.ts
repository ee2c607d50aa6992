import type { RuntimeError } from '../../model-runtime/protocol/errors';
import type {
  CompletionFigures,
  CompletionShape,
  CompletionText,
} from '../../model-runtime/protocol/messages';
import type { Settings } from '../settings/table';
import { keepSureLines, leastLogProbability, type ModelText } from './confidence';
import { debounce } from './debounce';
import type { Suggestion } from './postProcessing';
import { postProcess } from './postProcessing';
import type { VersionedSource } from './documentMirror';
import { positionAfter, withInsertion } from './insertedText';
import type { LocalContext, PendingInsertion } from './localContext';
import { localContext, typedSince } from './localContext';
import type { RequestDecision, SkipReason } from './requestDecision';
import { decideRequest } from './requestDecision';
import { RunningRequest } from './runningRequest';
import type { TextPosition } from './textSource';
import { clampPosition, lineAround, wellFormed } from './textSource';
import type { CompletionRules, TrackedCompletion } from './trackedCompletion';
import { TypingRhythm } from './typingRhythm';
import type { SuggestionMemory } from './typingAsSuggested';

export interface CompletionQuery {
  source: VersionedSource;
  position: TextPosition;
  /** Path for the model. */
  path: string;
  isExplicit: boolean;
  /** The file is one that the user's settings keep from being read. */
  isExcluded?: boolean;
  settings: Settings;
  pending?: PendingInsertion;
  /** The text that the model reads where it is more than the document: the cells of a notebook. */
  surroundings?: Surroundings;
  /** For callers that would rather wait: the whole context is read, however long that takes. */
  isPatient?: boolean;
}

export interface Surroundings {
  source: VersionedSource;
  /** Line of the surroundings at which the document starts. */
  firstLine: number;
}

/**
 * Tokens of the text above the cursor that are read at most before a suggestion, a third of a second's worth. After a far
 * jump the first suggestion comes from so short a context; the rest is read in the background.
 */
const MOST_READ_TOKENS = 96;

/** The editor draws the suggestion first, and who types on does not look at it: until then the processor is theirs. */
const AHEAD_DELAY_MS = 150;

/** Beside the likeliest suggestion, for those who ask by command: VS Code's commands go through them. */
const MOST_ALTERNATIVES = 2;

/** What the editor is answered. Nothing here is an exception. */
export type CompletionResult =
  | {
      readonly kind: 'success';
      readonly suggestion: Suggestion;
      /** Others for the same place; only where the user asked by command. */
      readonly alternatives?: readonly Suggestion[];
      /** Absent when the suggestion was remembered. */
      readonly figures?: CompletionFigures;
    }
  | {
      readonly kind: 'empty';
      readonly figures?: CompletionFigures;
      /** The model had something to say, but was not sure enough of it. */
      readonly isUnsure?: boolean;
    }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'failed'; readonly error: RuntimeError };

/** A place that is being worked on, and all who wait for its answer. */
interface Running {
  context: LocalContext;
  isExplicit: boolean;
  controller: AbortController;
  answer: Promise<CompletionResult>;
  waiting: number;
}

/** What the runtime said. */
type Asked =
  | { kind: 'success'; said: ModelText; others: readonly ModelText[]; figures: CompletionFigures }
  | Exclude<CompletionResult, { kind: 'success' | 'skipped' }>;

interface Ahead {
  context: LocalContext;
  controller: AbortController;
  isAsked: boolean;
}

/** From a cursor position to a suggestion: whether to ask, remembered text, debounce, the request, post-processing. */
export class CompletionSession {
  /** The newest request of each document. */
  private readonly running = new Map<string, Running>();
  /** By document: what the runtime is writing for someone who waits. */
  private readonly asking = new Map<string, RunningRequest<Asked>>();
  /** By document: what is computed for the time after the suggestion that is shown. */
  private readonly ahead = new Map<string, Ahead>();
  /** By document: the suggestion shown last, and for which place. */
  private readonly shown = new Map<string, { context: LocalContext; text: string }>();
  private readonly rhythm = new TypingRhythm();

  constructor(
    private readonly runtime: Pick<TrackedCompletion, 'complete'>,
    private readonly memory: SuggestionMemory,
    /** Names of shape rules that are left out, to measure what they are worth. */
    private readonly withoutRules?: ReadonlySet<string>,
  ) {}

  /** A newer call for another place in the same document cancels this one; one for the same place gets the same answer. */
  async suggest(query: CompletionQuery, signal: AbortSignal): Promise<CompletionResult> {
    const { source, isExplicit } = query;
    if (source.lineCount === 0) return { kind: 'empty' };
    const { uri } = source;
    const position = clampPosition(source, query.position);
    const decision = decideRequest({ ...query, position });
    const context = localContext(source, position, query.pending);
    const before = this.running.get(uri);
    const running =
      before?.isExplicit === isExplicit &&
      !before.controller.signal.aborted &&
      isSamePlace(before.context, context)
        ? before
        : this.start({ ...query, position }, context, decision);
    running.waiting++;
    const leave = () => {
      running.waiting--;
      if (running.waiting === 0) running.controller.abort();
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      const result = await running.answer;
      return signal.aborted ? { kind: 'canceled' } : result;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Cancels what runs for the document and forgets its suggestions. */
  closeDocument(uri: string): void {
    this.running.get(uri)?.controller.abort();
    this.asking.get(uri)?.abort();
    this.ahead.get(uri)?.controller.abort();
    this.ahead.delete(uri);
    this.shown.delete(uri);
    this.memory.forgetDocument(uri);
  }

  private start(query: CompletionQuery, context: LocalContext, decision: RequestDecision): Running {
    const { uri } = query.source;
    this.running.get(uri)?.controller.abort();
    if (!query.isExplicit) this.rhythm.noteKey(performance.now());
    const controller = new AbortController();
    const answer =
      decision.kind === 'skipped'
        ? Promise.resolve(decision)
        : this.run(query, context, decision.shape, controller.signal).finally(() => {
            if (this.running.get(uri)?.controller === controller) this.running.delete(uri);
          });
    const running = { context, isExplicit: query.isExplicit, controller, answer, waiting: 0 };
    if (decision.kind === 'request') this.running.set(uri, running);
    return running;
  }

  private async run(
    query: CompletionQuery,
    context: LocalContext,
    shape: CompletionShape,
    signal: AbortSignal,
  ): Promise<CompletionResult> {
    const { source, settings, isExplicit, position } = query;
    // Read now: the document may change while the request runs.
    const place: Place = {
      above: context.prefix.split('\n').slice(0, -1),
      lineBefore: lineBefore(query, position),
      suffix: context.suffix,
    };
    const shown = this.shown.get(source.uri);
    const isAccepted = shown !== undefined && typedSince(shown.context, context) === shown.text;
    const remembered = this.recall(query, context, place);
    if (remembered !== undefined) return remembered;
    this.ahead.get(source.uri)?.controller.abort();
    this.ahead.delete(source.uri);
    const underWay = this.asking.get(source.uri);
    if (!isExplicit && underWay?.leadsTo(context)) {
      await underWay.wait(signal);
      if (signal.aborted) return { kind: 'canceled' };
      const written = this.recall(query, context, place);
      if (written !== undefined) return written;
    } else underWay?.abort();
    const isPressing = isExplicit || isAccepted || place.lineBefore.trim() === '';
    const waitMs = isPressing ? 0 : Math.min(this.rhythm.waitMs, settings.debounceMs);
    if (waitMs > 0 && !(await debounce(waitMs, signal))) return { kind: 'canceled' };

    const asked = await this.askFor(query, context, shape, signal);
    if (asked.kind !== 'success') return asked;
    const result = this.present(query, place, asked.said, shape, asked.figures);
    // Asked for by command: shown however unsure.
    const others = asked.others.map((said) => this.shaped(query, place, said, shape));
    if (result.kind === 'success') this.follow(query, context, result.suggestion);
    return withAlternatives(result, others);
  }

  /** What is left of a suggestion that was made earlier, unless the user asked for a new one. */
  private recall(
    query: CompletionQuery,
    context: LocalContext,
    place: Place,
  ): CompletionResult | undefined {
    const remembered = query.isExplicit ? undefined : this.memory.recall(context);
    if (remembered === undefined) return undefined;
    const isMultiline = remembered.text.includes('\n') && query.settings.multiline !== 'never';
    const result = this.present(query, place, remembered, isMultiline ? 'block' : 'line');
    if (result.kind !== 'success') return undefined;
    this.follow(query, context, result.suggestion);
    return result;
  }

  /** A request that goes on while keys are typed that it foresaw. */
  private async askFor(
    query: CompletionQuery,
    context: LocalContext,
    shape: CompletionShape,
    signal: AbortSignal,
  ): Promise<Asked> {
    const { uri } = query.source;
    this.rhythm.noteRequest();
    const startMs = performance.now();
    const request = new RunningRequest<Asked>(context, (stop, onPartial) =>
      this.ask(query, context, { shape, insertion: insertion(query) }, stop, onPartial),
    );
    this.asking.set(uri, request);
    void request.answer.then(({ kind }) => {
      if (this.asking.get(uri) === request) this.asking.delete(uri);
      if (kind === 'success') this.rhythm.noteLatency(performance.now() - startMs);
    });
    return (await request.wait(signal)) ?? { kind: 'canceled' };
  }

  /** Asks the runtime and remembers what it says for the place `context`. */
  private async ask(
    query: CompletionQuery,
    context: LocalContext,
    asked: Pick<CompletionRules, 'shape' | 'insertion' | 'isAhead'>,
    signal: AbortSignal,
    onPartial?: (text: string) => void,
  ): Promise<Asked> {
    const { source, settings, position } = query;
    const outcome = await this.runtime.complete(
      {
        source: query.surroundings?.source ?? source,
        path: query.path,
        position: inSurroundings(query, position),
        contextCharacters: settings.contextCharacters,
      },
      {
        ...asked,
        maxReadTokens: maxReadTokens(query),
        leastLogProbability: leastLogProbability(confidenceOf(query)),
        alternatives: query.isExplicit ? MOST_ALTERNATIVES : undefined,
        streams: onPartial !== undefined && !query.isExplicit,
        ...rules(settings),
      },
      signal,
      onPartial,
    );
    if (signal.aborted) return { kind: 'canceled' };
    if (outcome.kind !== 'success') return outcome;
    const startsLine = context.prefix.slice(context.prefix.lastIndexOf('\n') + 1).trim() === '';
    const said = toModelText(outcome, startsLine);
    const others = (outcome.alternatives ?? []).map((other) => toModelText(other, startsLine));
    this.memory.remember(context, said, others);
    return { kind: 'success', said, others, figures: outcome.figures };
  }

  /** Has the suggestion that would follow `shown` computed and remembered. A key or another request ends that. */
  private follow(query: CompletionQuery, context: LocalContext, shown: Suggestion): void {
    const { source, position, settings, pending } = query;
    const { uri } = source;
    const text = wellFormed(shown.insertText);
    this.shown.set(uri, { context, text });
    // What stands behind the cursor would be another text by then.
    if (!settings.suggestAhead || pending !== undefined || shown.replacedAfter > 0) return;
    const later = withInsertion(source, position, text);
    const at = positionAfter(position, text);
    const decision = decideRequest({ ...query, source: later, position: at, isExplicit: false });
    const laterContext = localContext(later, at);
    if (decision.kind === 'skipped' || this.memory.recall(laterContext) !== undefined) return;
    const before = this.ahead.get(uri);
    // Typing on within the suggestion leads to the same place.
    if (before?.isAsked && isSamePlace(before.context, laterContext)) return;
    before?.controller.abort();
    const ahead = { context: laterContext, controller: new AbortController(), isAsked: false };
    this.ahead.set(uri, ahead);
    const pendingThen = { start: inSurroundings(query, position), text };
    const rules = { shape: decision.shape, insertion: pendingThen, isAhead: true };
    void this.askAhead(query, ahead, rules).then(({ kind }) => {
      // What came out empty is not asked again at the next key that leads to this place.
      if (kind !== 'empty' && this.ahead.get(uri) === ahead) this.ahead.delete(uri);
    });
  }

  private async askAhead(
    query: CompletionQuery,
    ahead: Ahead,
    rules: Pick<CompletionRules, 'shape' | 'insertion' | 'isAhead'>,
  ): Promise<Asked> {
    const { signal } = ahead.controller;
    if (!(await debounce(AHEAD_DELAY_MS, signal))) return { kind: 'canceled' };
    ahead.isAsked = true;
    return this.ask(query, ahead.context, rules, signal);
  }

  /** What is unsure is shown only to those who asked for it. */
  private present(
    query: CompletionQuery,
    place: Place,
    said: ModelText,
    shape: CompletionShape,
    figures?: CompletionFigures,
  ): CompletionResult {
    const sure = keepSureLines(said, confidenceOf(query));
    const suggestion = this.shaped(query, place, sure, shape);
    if (suggestion !== undefined) return { kind: 'success', suggestion, figures };
    const isUnsure = sure.text.trim() === '' && said.text.trim() !== '';
    return { kind: 'empty', figures, ...(isUnsure ? { isUnsure } : {}) };
  }

  private shaped(
    query: CompletionQuery,
    place: Place,
    { text, isFinished }: ModelText,
    shape: CompletionShape,
  ): Suggestion | undefined {
    const { maxLines } = query.settings;
    const { eol } = query.source;
    return postProcess({ text, shape, maxLines, isFinished, eol, ...place }, this.withoutRules);
  }
}

function toModelText({ text, tokens, stopReason }: CompletionText, startsLine: boolean): ModelText {
  return { text, tokens, isFinished: stopReason !== 'maxTokens', startsLine };
}

/** Adds those of `others` that are neither nothing nor shown already. Where `result` is empty, the first takes its place. */
function withAlternatives(
  result: CompletionResult,
  others: readonly (Suggestion | undefined)[],
): CompletionResult {
  if (others.length === 0 || (result.kind !== 'success' && result.kind !== 'empty')) return result;
  const shown = result.kind === 'success' ? [result.suggestion, ...others] : others;
  const texts = new Set<string>();
  const [suggestion, ...alternatives] = shown.filter((each) => {
    const isNew = each !== undefined && !texts.has(each.insertText);
    if (each !== undefined) texts.add(each.insertText);
    return isNew;
  }) as Suggestion[];
  if (suggestion === undefined) return result;
  return { kind: 'success', suggestion, alternatives, figures: result.figures };
}

function isSamePlace(a: LocalContext, b: LocalContext): boolean {
  return a.prefix === b.prefix && a.suffix === b.suffix;
}

function inSurroundings({ surroundings }: CompletionQuery, position: TextPosition): TextPosition {
  return { line: position.line + (surroundings?.firstLine ?? 0), character: position.character };
}

function insertion(query: CompletionQuery): PendingInsertion | undefined {
  const { pending } = query;
  return pending && { start: inSurroundings(query, pending.start), text: wellFormed(pending.text) };
}

function maxReadTokens({ isPatient }: CompletionQuery): number {
  return isPatient ? Number.MAX_SAFE_INTEGER : MOST_READ_TOKENS;
}

/** Asking by command shows everything. */
function confidenceOf({ isExplicit, settings }: CompletionQuery): Settings['confidence'] {
  return isExplicit ? 'all' : settings.confidence;
}

function rules({ maxTokens, maxLines, temperature, topP }: Settings) {
  return { maxTokens, maxLines, temperature, topP };
}

interface Place {
  above: readonly string[];
  lineBefore: string;
  suffix: string;
}

/** The cursor's line up to the cursor as it will be when the pending insertion has happened. */
function lineBefore({ source, pending }: CompletionQuery, position: TextPosition): string {
  if (pending === undefined) return lineAround(source, position).before;
  return source.lineAt(pending.start.line).slice(0, pending.start.character) + pending.text;
}

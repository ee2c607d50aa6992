import type { RuntimeError } from '../../model-runtime/protocol/errors';
import type { CompletionFigures, CompletionShape } from '../../model-runtime/protocol/messages';
import type { Settings } from '../settings/table';
import { keepSureLines, type ModelText } from './confidence';
import { debounce } from './debounce';
import type { Suggestion } from './postProcessing';
import { postProcess } from './postProcessing';
import type { VersionedSource } from './documentMirror';
import type { PendingInsertion } from './localContext';
import { localContext } from './localContext';
import type { SkipReason } from './requestDecision';
import { decideRequest } from './requestDecision';
import type { TextPosition } from './textSource';
import { clampPosition, lineAround, wellFormed } from './textSource';
import type { TrackedCompletion } from './trackedCompletion';
import type { SuggestionMemory } from './typingAsSuggested';

export interface CompletionQuery {
  source: VersionedSource;
  position: TextPosition;
  /** Path for the model. */
  path: string;
  isExplicit: boolean;
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
 * Tokens of the text above the cursor that are read at most before a suggestion, about half a second's worth. After a far
 * jump the first suggestion comes from so short a context; the rest is read in the background.
 */
const MOST_READ_TOKENS = 128;

/** What the editor is answered. Nothing here is an exception. */
export type CompletionResult =
  | {
      readonly kind: 'success';
      readonly suggestion: Suggestion;
      /** Absent when the suggestion was remembered. */
      readonly figures?: CompletionFigures;
    }
  | { readonly kind: 'empty'; readonly figures?: CompletionFigures }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'failed'; readonly error: RuntimeError };

/** From a cursor position to a suggestion: whether to ask, remembered text, debounce, the request, post-processing. */
export class CompletionSession {
  /** The newest request of each document. */
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly runtime: Pick<TrackedCompletion, 'complete'>,
    private readonly memory: SuggestionMemory,
    /** Names of shape rules that are left out, to measure what they are worth. */
    private readonly withoutRules?: ReadonlySet<string>,
  ) {}

  /** A newer call for the same document cancels this one. */
  async suggest(query: CompletionQuery, signal: AbortSignal): Promise<CompletionResult> {
    const { uri } = query.source;
    this.running.get(uri)?.abort();
    const controller = new AbortController();
    this.running.set(uri, controller);
    try {
      return await this.run(query, AbortSignal.any([signal, controller.signal]));
    } finally {
      if (this.running.get(uri) === controller) this.running.delete(uri);
    }
  }

  /** Cancels what runs for the document and forgets its suggestions. */
  closeDocument(uri: string): void {
    this.running.get(uri)?.abort();
    this.memory.forgetDocument(uri);
  }

  private async run(query: CompletionQuery, signal: AbortSignal): Promise<CompletionResult> {
    const { source, settings, isExplicit } = query;
    if (source.lineCount === 0) return { kind: 'empty' };
    const position = clampPosition(source, query.position);
    const decision = decideRequest({ source, position, path: query.path, isExplicit, settings });
    if (decision.kind === 'skipped') return decision;
    const { shape } = decision;

    const context = localContext(source, position, query.pending);
    // Read now: the document may change while the request runs.
    const place: Place = {
      above: context.prefix.split('\n').slice(0, -1),
      lineBefore: lineBefore(query, position),
      suffix: context.suffix,
    };
    const remembered = isExplicit ? undefined : this.memory.recall(context);
    if (remembered !== undefined) {
      const isMultiline = remembered.text.includes('\n') && settings.multiline !== 'never';
      const result = this.present(query, place, remembered, isMultiline ? 'block' : 'line');
      if (result.kind === 'success') return result;
    }
    if (!isExplicit && !(await debounce(settings.debounceMs, signal))) return { kind: 'canceled' };

    const outcome = await this.runtime.complete(
      {
        source: query.surroundings?.source ?? source,
        path: query.path,
        position: inSurroundings(query, position),
        contextCharacters: settings.contextCharacters,
      },
      {
        shape,
        insertion: insertion(query),
        maxReadTokens: maxReadTokens(query),
        ...rules(settings),
      },
      signal,
    );
    if (signal.aborted) return { kind: 'canceled' };
    if (outcome.kind !== 'success') return outcome;
    const { text, tokens, stopReason, figures } = outcome;
    const isFinished = stopReason !== 'maxTokens';
    const said: ModelText = {
      text,
      tokens,
      isFinished,
      startsLine: place.lineBefore.trim() === '',
    };
    this.memory.remember(context, said);
    return this.present(query, place, said, shape, figures);
  }

  /** What is unsure is shown only to those who asked for it. */
  private present(
    { source, isExplicit, settings }: CompletionQuery,
    place: Place,
    said: ModelText,
    shape: CompletionShape,
    figures?: CompletionFigures,
  ): CompletionResult {
    const { maxLines, confidence } = settings;
    const { text, isFinished } = keepSureLines(said, isExplicit ? 'all' : confidence);
    const { eol } = source;
    const suggestion = postProcess(
      { text, shape, maxLines, isFinished, eol, ...place },
      this.withoutRules,
    );
    return suggestion === undefined
      ? { kind: 'empty', figures }
      : { kind: 'success', suggestion, figures };
  }
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

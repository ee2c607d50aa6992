import type { LineRange, TextPosition } from '../../model-runtime/protocol/messages';
import type { Logger } from '../common/logger';
import type {
  CompletionOutcome,
  CompletionParameters,
  PartialListener,
  WarmOutcome,
  WarmParameters,
} from '../runtime-client/runtimeClient';
import type { DocumentMirror, VersionedSource } from './documentMirror';

/** A place in a document that the runtime is kept informed of. */
export interface TrackedPlace {
  source: VersionedSource;
  path: string;
  position: TextPosition;
  contextCharacters: number;
}

/** A place to read before anybody asks for it. */
export interface PlaceToWarm extends TrackedPlace {
  /** Lines around which the text above is read too. */
  view?: LineRange | undefined;
}

type PlaceKey = 'documentId' | 'version' | 'lineCount' | 'position' | 'contextCharacters';
export type CompletionRules = Omit<CompletionParameters, PlaceKey>;

/** What is asked of the runtime client here. */
export interface RequestChannel {
  complete(
    parameters: CompletionParameters,
    signal: AbortSignal,
    onPartial?: PartialListener,
  ): Promise<CompletionOutcome>;
  warm(parameters: WarmParameters, signal: AbortSignal): Promise<WarmOutcome>;
}

/** Requests for places in documents: has the document sent first where that is due, and once more when the runtime asks. */
export class TrackedCompletion {
  constructor(
    private readonly channel: RequestChannel,
    private readonly mirror: DocumentMirror,
    private readonly logger: Logger,
  ) {}

  async complete(
    place: TrackedPlace,
    rules: CompletionRules,
    signal: AbortSignal,
    onPartial?: PartialListener,
  ): Promise<Exclude<CompletionOutcome, { kind: 'resync' }>> {
    return this.ask(place, signal, (at) =>
      this.channel.complete({ ...at, ...rules }, signal, onPartial),
    );
  }

  private async warm(
    place: PlaceToWarm,
    signal: AbortSignal,
  ): Promise<Exclude<WarmOutcome, { kind: 'resync' }>> {
    const { view } = place;
    return this.ask(place, signal, (at) => this.channel.warm({ ...at, view }, signal));
  }

  /** Has all of them read at once; an engine that reads one after the other begins with the first. */
  async warmAll(
    places: readonly PlaceToWarm[],
    signal: AbortSignal,
  ): Promise<Exclude<WarmOutcome, { kind: 'resync' }>[]> {
    const running = [];
    for (const place of places) {
      // A large document is sent in pieces, and a smaller one must not overtake it.
      await this.mirror.ensureOpen(place.source, place.path);
      running.push(this.warm(place, signal));
    }
    return Promise.all(running);
  }

  private async ask<Outcome extends CompletionOutcome | WarmOutcome>(
    { source, path, position, contextCharacters }: TrackedPlace,
    signal: AbortSignal,
    request: (place: WarmParameters) => Promise<Outcome>,
  ): Promise<Exclude<Outcome, { kind: 'resync' }> | { kind: 'canceled' }> {
    const { uri, version } = source;
    // The second time for a runtime that does not have the document, the third for one that has just been started.
    for (let attempt = 0; attempt < 3; attempt++) {
      const isOpen = await this.mirror.ensureOpen(source, path);
      // A place in a text that has changed meanwhile is no place in this one.
      if (!isOpen || signal.aborted || source.version !== version) break;
      const { lineCount } = source;
      const outcome = await request({
        documentId: uri,
        version,
        lineCount,
        position,
        contextCharacters,
      });
      if (isInStep(outcome)) return outcome;
      this.logger.debug('document: sent again, the runtime did not have it');
      this.mirror.invalidate(uri);
    }
    if (this.mirror.isTooLarge(uri)) {
      this.logger.info('document: too large for completions');
    }
    return { kind: 'canceled' };
  }
}

function isInStep<Outcome extends CompletionOutcome | WarmOutcome>(
  outcome: Outcome,
): outcome is Exclude<Outcome, { kind: 'resync' }> {
  return outcome.kind !== 'resync';
}

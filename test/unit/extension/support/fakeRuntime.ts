import type { CompletionResult } from '../../../../extension/completion/completionSession';
import { CompletionSession } from '../../../../extension/completion/completionSession';
import { DocumentMirror } from '../../../../extension/completion/documentMirror';
import { TrackedCompletion } from '../../../../extension/completion/trackedCompletion';
import { SuggestionMemory } from '../../../../extension/completion/typingAsSuggested';
import type {
  CompletionOutcome,
  CompletionParameters,
} from '../../../../extension/runtime-client/runtimeClient';
import { parseSettings } from '../../../../extension/settings/parse';
import type { Settings } from '../../../../extension/settings/table';
import type { RuntimeError } from '../../../../model-runtime/protocol/errors';
import type { DocumentNotification } from '../../../../extension/runtime-client/runtimeConnection';
import { FIGURES } from './fakePort';
import { recordingLogger } from './logs';
import { place } from './textNotation';

/** A runtime that answers when the test says so, and keeps what it was asked. */
export class FakeRuntime {
  readonly calls: { parameters: CompletionParameters; signal: AbortSignal }[] = [];
  /** Says what has been written so far. */
  write: ((text: string) => void) | undefined;
  private readonly answers: ((outcome: CompletionOutcome) => void)[] = [];

  warm(): Promise<{ kind: 'canceled' }> {
    return Promise.resolve({ kind: 'canceled' });
  }

  complete(
    parameters: CompletionParameters,
    signal: AbortSignal,
    onPartial?: (text: string) => void,
  ): Promise<CompletionOutcome> {
    this.calls.push({ parameters, signal });
    this.write = onPartial;
    return new Promise((resolve) => {
      this.answers.push(resolve);
      signal.addEventListener('abort', () => {
        resolve({ kind: 'canceled' });
      });
    });
  }

  answer(text: string, ...others: string[]): void {
    const said = (each: string) => ({
      text: each,
      stopReason: 'endOfLine' as const,
      meanLogProbability: -1,
      tokens: [],
    });
    this.answers[this.answers.length - 1]({
      kind: 'success',
      ...said(text),
      ...(others.length > 0 ? { alternatives: others.map(said) } : {}),
      figures: FIGURES,
    });
  }

  end(): void {
    this.answers[this.answers.length - 1]({ kind: 'empty', figures: FIGURES });
  }

  fail(error: RuntimeError): void {
    this.answers[this.answers.length - 1]({ kind: 'failed', error });
  }
}

export const NEVER = new AbortController().signal;

export function setUp() {
  const runtime = new FakeRuntime();
  const opened: DocumentNotification[] = [];
  const mirror = new DocumentMirror({
    send: (message) => opened.push(message),
    nextTurn: () => Promise.resolve(),
  });
  const tracked = new TrackedCompletion(runtime, mirror, recordingLogger());
  const session = new CompletionSession(tracked, new SuggestionMemory());
  const suggest = (
    notation: string,
    options: { isExplicit?: boolean; settings?: Partial<Settings>; signal?: AbortSignal } = {},
  ): Promise<CompletionResult> => {
    const settings = {
      ...parseSettings(() => undefined).settings,
      // Tests that are about it switch it on.
      suggestAhead: false,
      ...options.settings,
    };
    const query = { ...place(notation), path: 'a.ts', isExplicit: options.isExplicit ?? false };
    return session.suggest({ ...query, settings }, options.signal ?? NEVER);
  };
  return { runtime, session, suggest, mirror, opened };
}

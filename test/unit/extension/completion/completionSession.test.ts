import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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
import { RuntimeError } from '../../../../model-runtime/protocol/errors';
import type { DocumentNotification } from '../../../../extension/runtime-client/runtimeConnection';
import { FIGURES } from '../support/fakePort';
import { recordingLogger } from '../support/logs';
import { place } from '../support/textNotation';

/** A runtime that answers when the test says so, and keeps what it was asked. */
class FakeRuntime {
  readonly calls: { parameters: CompletionParameters; signal: AbortSignal }[] = [];
  private readonly answers: ((outcome: CompletionOutcome) => void)[] = [];

  warm(): Promise<{ kind: 'canceled' }> {
    return Promise.resolve({ kind: 'canceled' });
  }

  complete(parameters: CompletionParameters, signal: AbortSignal): Promise<CompletionOutcome> {
    this.calls.push({ parameters, signal });
    return new Promise((resolve) => {
      this.answers.push(resolve);
      signal.addEventListener('abort', () => {
        resolve({ kind: 'canceled' });
      });
    });
  }

  answer(text: string): void {
    this.answers[this.answers.length - 1]({
      kind: 'success',
      text,
      stopReason: 'endOfLine',
      meanLogProbability: -1,
      tokens: [],
      figures: FIGURES,
    });
  }

  fail(error: RuntimeError): void {
    this.answers[this.answers.length - 1]({ kind: 'failed', error });
  }
}

const NEVER = new AbortController().signal;

function setUp() {
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
    const settings = { ...parseSettings(() => undefined).settings, ...options.settings };
    const query = { ...place(notation), path: 'a.ts', isExplicit: options.isExplicit ?? false };
    return session.suggest({ ...query, settings }, options.signal ?? NEVER);
  };
  return { runtime, session, suggest, mirror, opened };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('asks after the debounce and gives the processed text', async () => {
  const { runtime, suggest } = setUp();
  const result = suggest('foo(↓)\n');
  await vi.advanceTimersByTimeAsync(59);
  expect(runtime.calls).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(runtime.calls[0].parameters).toMatchObject({
    position: { line: 0, character: 4 },
    version: 1,
    lineCount: 2,
    shape: 'line',
    maxTokens: 64,
    temperature: 0,
  });
  runtime.answer('a, b)');
  expect(await result).toEqual({
    kind: 'success',
    suggestion: { insertText: 'a, b', replacedAfter: 0 },
    figures: FIGURES,
  });
});

it('asks at once when the user does', async () => {
  const { runtime, suggest } = setUp();
  const result = suggest('a = ↓', { isExplicit: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(runtime.calls).toHaveLength(1);
  runtime.answer('1');
  expect(await result).toMatchObject({ kind: 'success' });
});

it('cancels the older request of a document for the newer', async () => {
  const { runtime, suggest } = setUp();
  const first = suggest('a↓');
  await vi.advanceTimersByTimeAsync(60);
  const second = suggest('ab↓');
  expect(runtime.calls[0].signal.aborted).toBe(true);
  expect(await first).toEqual({ kind: 'canceled' });
  await vi.advanceTimersByTimeAsync(60);
  runtime.answer('c');
  expect(await second).toMatchObject({ suggestion: { insertText: 'c' } });
});

it('never asks for keystrokes that follow each other fast', async () => {
  const { runtime, suggest } = setUp();
  const results = [];
  for (const typed of ['c', 'co', 'con', 'cons']) {
    results.push(suggest(`${typed}↓`));
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(60);
  expect(runtime.calls.map(({ parameters }) => parameters.position.character)).toEqual([4]);
  runtime.answer('t');
  expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual([
    'canceled',
    'canceled',
    'canceled',
    'success',
  ]);
});

it('shows the rest without asking while the suggestion is typed', async () => {
  const { runtime, suggest } = setUp();
  const first = suggest('x = ↓\n');
  await vi.advanceTimersByTimeAsync(60);
  runtime.answer('f(a, b);');
  await first;
  expect(await suggest('x = f(↓)\n')).toEqual({
    kind: 'success',
    suggestion: { insertText: 'a, b);', replacedAfter: 1 },
    figures: undefined,
  });
  expect(await suggest('x = ↓\n')).toMatchObject({ suggestion: { insertText: 'f(a, b);' } });
  expect(runtime.calls).toHaveLength(1);
});

it('forgets a closed document and cancels its request', async () => {
  const { runtime, session, suggest } = setUp();
  const result = suggest('a↓');
  await vi.advanceTimersByTimeAsync(60);
  session.closeDocument('file:///project/src/a.ts');
  expect(await result).toEqual({ kind: 'canceled' });
  expect(runtime.calls).toHaveLength(1);
});

it('gives failures as results', async () => {
  const { runtime, suggest } = setUp();
  const result = suggest('a↓');
  await vi.advanceTimersByTimeAsync(60);
  const error = new RuntimeError('runtimeExited', 'gone');
  runtime.fail(error);
  expect(await result).toEqual({ kind: 'failed', error });
});

it('stops in the debounce when the editor cancels', async () => {
  const { runtime, suggest } = setUp();
  const controller = new AbortController();
  const result = suggest('a↓', { signal: controller.signal });
  await vi.advanceTimersByTimeAsync(10);
  controller.abort();
  expect(await result).toEqual({ kind: 'canceled' });
  expect(runtime.calls).toHaveLength(0);
});

it('skips where nothing should be asked', async () => {
  const { suggest } = setUp();
  expect(await suggest('fo↓o')).toEqual({ kind: 'skipped', reason: 'insideWord' });
});

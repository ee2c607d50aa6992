import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

it('does not wait at the start of a line', async () => {
  const { runtime, suggest } = setUp();
  const result = suggest('a;\n  ↓');
  await vi.advanceTimersByTimeAsync(0);
  expect(runtime.calls).toHaveLength(1);
  runtime.answer('b;');
  expect(await result).toMatchObject({ kind: 'success' });
});

it('does not wait after a suggestion that was accepted', async () => {
  const { runtime, suggest } = setUp();
  const shown = suggest('foo↓');
  await vi.advanceTimersByTimeAsync(60);
  runtime.answer('(bar)');
  await shown;
  const next = suggest('foo(bar)↓');
  await vi.advanceTimersByTimeAsync(0);
  expect(runtime.calls).toHaveLength(2);
  runtime.answer(';');
  expect(await next).toMatchObject({ kind: 'success' });
});

it('never waits longer than the setting says', async () => {
  const { runtime, suggest } = setUp();
  const result = suggest('a = ↓', { settings: { debounceMs: 5 } });
  await vi.advanceTimersByTimeAsync(5);
  expect(runtime.calls).toHaveLength(1);
  runtime.answer('1');
  await result;
});

describe('a second request for the same place', () => {
  it('gets the answer of the first', async () => {
    const { runtime, suggest } = setUp();
    const first = suggest('foo↓');
    await vi.advanceTimersByTimeAsync(60);
    const second = suggest('foo↓');
    await vi.advanceTimersByTimeAsync(60);
    expect(runtime.calls).toHaveLength(1);
    runtime.answer('(1)');
    expect(await first).toEqual(await second);
  });

  it('goes on when the first is canceled, and ends when both are', async () => {
    const { runtime, suggest } = setUp();
    const [a, b] = [new AbortController(), new AbortController()];
    const first = suggest('foo↓', { signal: a.signal });
    const second = suggest('foo↓', { signal: b.signal });
    await vi.advanceTimersByTimeAsync(60);
    a.abort();
    expect(runtime.calls[0].signal.aborted).toBe(false);
    b.abort();
    await vi.advanceTimersByTimeAsync(30);
    expect(runtime.calls[0].signal.aborted).toBe(true);
    expect(await first).toEqual({ kind: 'canceled' });
    expect(await second).toEqual({ kind: 'canceled' });
  });
});

describe('alternatives', () => {
  it('come to those who ask by command, and typing into one keeps it', async () => {
    const { runtime, suggest } = setUp();
    const asked = suggest('foo(↓)', { isExplicit: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(runtime.calls[0].parameters.alternatives).toBe(2);
    runtime.answer('a)', 'b, c)', 'a');
    expect(await asked).toMatchObject({
      kind: 'success',
      suggestion: { insertText: 'a' },
      alternatives: [{ insertText: 'b, c' }],
    });
    expect(await suggest('foo(b↓)')).toMatchObject({ suggestion: { insertText: ', c' } });
    expect(runtime.calls).toHaveLength(1);
  });

  it('take the place of a likeliest one that is nothing here', async () => {
    const { runtime, suggest } = setUp();
    const asked = suggest('foo(↓)', { isExplicit: true });
    await vi.advanceTimersByTimeAsync(0);
    runtime.answer(')', 'b)');
    expect(await asked).toMatchObject({ suggestion: { insertText: 'b' }, alternatives: [] });
  });

  it('are not asked for while typing', async () => {
    const { runtime, suggest } = setUp();
    const result = suggest('foo(↓)');
    await vi.advanceTimersByTimeAsync(60);
    expect(runtime.calls[0].parameters.alternatives).toBeUndefined();
    runtime.answer('a');
    await result;
  });
});

describe('keys typed while the model writes', () => {
  it('that it has written already leave the request alone and get the rest of its answer', async () => {
    const { runtime, suggest } = setUp();
    // The editor takes a question back before it asks the next one.
    const [a, b] = [new AbortController(), new AbortController()];
    const first = suggest('con↓', { signal: a.signal });
    await vi.advanceTimersByTimeAsync(60);
    runtime.write?.('st');
    a.abort();
    await vi.advanceTimersByTimeAsync(10);
    const second = suggest('cons↓', { signal: b.signal });
    b.abort();
    const third = suggest('const↓');
    await vi.advanceTimersByTimeAsync(100);
    expect(runtime.calls).toHaveLength(1);
    expect(runtime.calls[0].signal.aborted).toBe(false);
    runtime.answer('st a = 1;');
    expect(await first).toEqual({ kind: 'canceled' });
    expect(await second).toEqual({ kind: 'canceled' });
    expect(await third).toMatchObject({ suggestion: { insertText: ' a = 1;' } });
  });

  it('that it has not written end the request', async () => {
    const { runtime, suggest } = setUp();
    const first = suggest('con↓');
    await vi.advanceTimersByTimeAsync(60);
    runtime.write?.('st');
    const second = suggest('cont↓');
    expect(runtime.calls[0].signal.aborted).toBe(true);
    expect(await first).toEqual({ kind: 'canceled' });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('inue;');
    expect(await second).toMatchObject({ suggestion: { insertText: 'inue;' } });
  });

  it('ask anew when the answer leaves nothing at that place', async () => {
    const { runtime, suggest } = setUp();
    void suggest('con↓');
    await vi.advanceTimersByTimeAsync(60);
    runtime.write?.('st\n');
    const second = suggest('const↓');
    runtime.answer('st');
    await vi.advanceTimersByTimeAsync(60);
    expect(runtime.calls).toHaveLength(2);
    runtime.answer(' b;');
    expect(await second).toMatchObject({ suggestion: { insertText: ' b;' } });
  });

  it('do not end what runs for another document', async () => {
    const { runtime, suggest, session } = setUp();
    const first = suggest('con↓');
    await vi.advanceTimersByTimeAsync(60);
    session.closeDocument('file:///project/src/b.ts');
    expect(runtime.calls[0].signal.aborted).toBe(false);
    session.closeDocument('file:///project/src/a.ts');
    expect(runtime.calls[0].signal.aborted).toBe(true);
    expect(await first).toEqual({ kind: 'canceled' });
  });
});

describe('what follows a suggestion', () => {
  const settings = { suggestAhead: true };

  it('is computed while it is shown, and there when it is accepted', async () => {
    const { runtime, suggest } = setUp();
    const shown = suggest('foo↓', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('(bar)');
    await shown;
    await vi.advanceTimersByTimeAsync(149);
    expect(runtime.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runtime.calls[1].parameters).toMatchObject({
      position: { line: 0, character: 3 },
      insertion: { start: { line: 0, character: 3 }, text: '(bar)' },
      isAhead: true,
    });
    runtime.answer('.baz();');
    await vi.advanceTimersByTimeAsync(0);
    expect(await suggest('foo(bar)↓', { settings })).toEqual({
      kind: 'success',
      suggestion: { insertText: '.baz();', replacedAfter: 0 },
    });
    // And so on: what follows that one.
    await vi.advanceTimersByTimeAsync(150);
    expect(runtime.calls).toHaveLength(3);
    runtime.answer('');
  });

  it('goes on while the user types what is shown, and ends with another key', async () => {
    const { runtime, suggest } = setUp();
    const shown = suggest('foo↓', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('(bar)');
    await shown;
    await vi.advanceTimersByTimeAsync(150);
    await suggest('foo(↓', { settings });
    await vi.advanceTimersByTimeAsync(150);
    expect(runtime.calls).toHaveLength(2);
    expect(runtime.calls[1].signal.aborted).toBe(false);
    const other = suggest('foo(x↓', { settings });
    await vi.advanceTimersByTimeAsync(200);
    expect(runtime.calls[1].signal.aborted).toBe(true);
    runtime.answer('');
    await other;
  });

  it('waits while the user types on, and is then asked for at the place reached', async () => {
    const { runtime, suggest } = setUp();
    const shown = suggest('foo↓', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('(bar)');
    await shown;
    await vi.advanceTimersByTimeAsync(100);
    await suggest('foo(↓', { settings });
    await vi.advanceTimersByTimeAsync(100);
    expect(runtime.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(50);
    expect(runtime.calls[1].parameters).toMatchObject({
      insertion: { start: { line: 0, character: 4 }, text: 'bar)' },
    });
    runtime.answer('');
  });

  it('is not asked again when it came out empty', async () => {
    const { runtime, suggest } = setUp();
    const shown = suggest('foo↓', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('(bar)');
    await shown;
    await vi.advanceTimersByTimeAsync(150);
    runtime.end();
    await vi.advanceTimersByTimeAsync(0);
    await suggest('foo(↓', { settings });
    await vi.advanceTimersByTimeAsync(150);
    expect(runtime.calls).toHaveLength(2);
  });

  it('is not computed where the suggestion replaces text, nor when the setting is off', async () => {
    const { runtime, suggest } = setUp();
    const replacing = suggest('x = f(↓)\n', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('a, b);');
    expect(await replacing).toMatchObject({ suggestion: { replacedAfter: 1 } });
    const off = suggest('bar↓');
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('()');
    await off;
    await vi.advanceTimersByTimeAsync(150);
    expect(runtime.calls).toHaveLength(2);
  });
});

it('never asks for a file that the user excludes, not by command either', async () => {
  const { runtime, session } = setUp();
  const { settings } = parseSettings(() => undefined);
  const query = { ...place('foo↓'), path: 'a.ts', settings, isExcluded: true };
  for (const isExplicit of [false, true]) {
    expect(await session.suggest({ ...query, isExplicit }, NEVER)).toEqual({
      kind: 'skipped',
      reason: 'excludedFile',
    });
  }
  expect(runtime.calls).toHaveLength(0);
});

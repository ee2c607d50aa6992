import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSettings } from '../../../../extension/settings/parse';
import { RuntimeError } from '../../../../model-runtime/protocol/errors';
import { FIGURES } from '../support/fakePort';
import { place } from '../support/textNotation';
import { NEVER, setUp } from '../support/fakeRuntime';

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

it('goes on with a suggestion over the lines where the local context moves on', async () => {
  const { runtime, suggest } = setUp();
  const above = Array.from({ length: 31 }, (_, i) => `line${i};\n`).join('');
  const shown = suggest(`${above}if (a) {↓`);
  await vi.advanceTimersByTimeAsync(60);
  runtime.answer('\n  b();\n  c();\n}');
  await shown;
  expect(await suggest(`${above}if (a) {\n  b();↓`)).toMatchObject({
    suggestion: { insertText: '\n  c();\n}' },
  });
  const accepted = suggest(`${above}if (a) {\n  b();\n  c();\n}↓`);
  await vi.advanceTimersByTimeAsync(0);
  expect(runtime.calls).toHaveLength(2);
  runtime.answer('');
  await accepted;
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

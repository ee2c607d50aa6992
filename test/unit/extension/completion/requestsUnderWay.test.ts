import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setUp } from '../support/fakeRuntime';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
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

  /** `foo` with `(bar)` suggested behind it. */
  async function showBar() {
    const { runtime, suggest } = setUp();
    const shown = suggest('foo↓', { settings });
    await vi.advanceTimersByTimeAsync(60);
    runtime.answer('(bar)');
    await shown;
    return { runtime, suggest };
  }

  it('is computed while it is shown, and there when it is accepted', async () => {
    const { runtime, suggest } = await showBar();
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
    const { runtime, suggest } = await showBar();
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
    const { runtime, suggest } = await showBar();
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
    const { runtime, suggest } = await showBar();
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

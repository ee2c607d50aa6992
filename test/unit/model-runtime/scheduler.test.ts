import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../../model-runtime/scheduler';

/** A scheduler whose jobs run until they are told to finish. */
function setUp(mostShared = 1) {
  const scheduler = new Scheduler(() => mostShared);
  const history: string[] = [];
  const finish = new Map<number, () => void>();
  const add = (requestId: number, documentId: string, isBackground = false, isShared = false) => {
    scheduler.add({
      requestId,
      documentId,
      isBackground,
      isShared,
      run: (signal) =>
        new Promise((resolve, reject) => {
          history.push(`run ${requestId}`);
          finish.set(requestId, resolve);
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      onCanceled: () => history.push(`canceled ${requestId}`),
    });
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { scheduler, history, finish, add, settle };
}

describe('Scheduler', () => {
  it('runs one job at a time', async () => {
    const { history, finish, add, settle } = setUp();
    add(1, 'a');
    add(2, 'b');
    expect(history).toEqual(['run 1']);
    finish.get(1)?.();
    await settle();
    expect(history).toEqual(['run 1', 'run 2']);
  });

  it('cancels an older request of the same document, running or waiting', async () => {
    const { history, add, settle } = setUp();
    add(1, 'a');
    add(2, 'b');
    add(3, 'b');
    add(4, 'a');
    await settle();
    expect(history).toEqual(['run 1', 'canceled 2', 'canceled 1', 'run 4']);
  });

  it('runs the newest waiting request first', async () => {
    const { history, finish, add, settle } = setUp();
    add(1, 'a');
    add(2, 'b');
    add(3, 'c');
    finish.get(1)?.();
    await settle();
    finish.get(3)?.();
    await settle();
    expect(history).toEqual(['run 1', 'run 3', 'run 2']);
  });

  it('lets a completion interrupt background work, and background work wait', async () => {
    const { history, finish, add, settle } = setUp();
    add(1, 'a', true);
    add(2, 'b');
    add(3, 'c', true);
    await settle();
    expect(history).toEqual(['run 1', 'canceled 1', 'run 2']);
    finish.get(2)?.();
    await settle();
    expect(history.at(-1)).toBe('run 3');
  });

  it('does not let background work replace a completion of the same document', async () => {
    const { history, add, settle } = setUp();
    add(1, 'a');
    add(2, 'a', true);
    await settle();
    expect(history).toEqual(['run 1']);
  });

  it('runs shared jobs beside each other, as many as may be, and no other job beside them', async () => {
    const { history, finish, add, settle } = setUp(2);
    add(1, 'a', true, true);
    add(2, 'b', true, true);
    add(3, 'c', true, true);
    add(4, 'd', true);
    expect(history).toEqual(['run 1', 'run 2']);
    finish.get(1)?.();
    await settle();
    expect(history).toEqual(['run 1', 'run 2', 'run 3']);
    finish.get(2)?.();
    await settle();
    expect(history).toHaveLength(3);
    finish.get(3)?.();
    await settle();
    expect(history.at(-1)).toBe('run 4');
  });

  it('lets a completion interrupt all shared jobs, and waits for their ends', async () => {
    const { history, add, settle } = setUp(2);
    add(1, 'a', true, true);
    add(2, 'b', true, true);
    add(3, 'c');
    expect(history).toEqual(['run 1', 'run 2']);
    await settle();
    expect(history).toEqual(['run 1', 'run 2', 'canceled 1', 'canceled 2', 'run 3']);
  });

  it('does not run two shared jobs of one document beside each other', async () => {
    const { history, add, settle } = setUp(2);
    add(1, 'a', true, true);
    add(2, 'a', true, true);
    expect(history).toEqual(['run 1']);
    await settle();
    expect(history).toEqual(['run 1', 'canceled 1', 'run 2']);
  });

  it('cancels by request and by document, and ignores what it does not know', async () => {
    const { scheduler, history, add, settle } = setUp();
    add(1, 'a');
    add(2, 'b');
    scheduler.cancel(99);
    scheduler.cancel(1);
    scheduler.cancelDocument('b');
    await settle();
    expect(history).toEqual(['run 1', 'canceled 2', 'canceled 1']);
  });
});

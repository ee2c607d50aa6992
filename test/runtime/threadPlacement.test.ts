import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { differentCores, ThreadPlacement } from '../../model-runtime/engines/cpu/threadPlacement';

/** Says its number and sleeps. */
const SLEEPER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage(Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').pop()));
  parentPort.on('message', () => {});
`;

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

async function sleepers(count: number): Promise<number[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const worker = new Worker(SLEEPER, { eval: true });
      workers.push(worker);
      return new Promise<number>((resolve) => worker.once('message', resolve));
    }),
  );
}

function allowedCores(threadId: number): string {
  const status = readFileSync(`/proc/self/task/${threadId}/status`, 'utf8');
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
}

const canPlace = process.platform === 'linux' && availableParallelism() > 1;

it.runIf(canPlace)('holds threads to a core each when they wake, and lets them go', async () => {
  const ids = await sleepers(2);
  const before = ids.map(allowedCores);
  const placement = new ThreadPlacement(true);
  placement.beforeRun(ids);
  const held = ids.map(allowedCores);
  expect(held).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
  expect(held[0]).not.toBe(held[1]);
  placement.afterRun();
  await expect.poll(() => ids.map(allowedCores)).toEqual(before);
  // They have hardly slept.
  placement.afterRun();
  placement.beforeRun(ids);
  expect(ids.map(allowedCores)).toEqual(before);
  await sleep(150);
  placement.beforeRun(ids);
  expect(ids.map(allowedCores)).toEqual([
    expect.stringMatching(/^\d+$/),
    expect.stringMatching(/^\d+$/),
  ]);
  placement.letGo();
  expect(ids.map(allowedCores)).toEqual(before);
});

it.runIf(canPlace)('leaves them alone where that does not help, and one alone', async () => {
  const ids = await sleepers(2);
  const before = ids.map(allowedCores);
  new ThreadPlacement(false).beforeRun(ids);
  new ThreadPlacement(true).beforeRun(ids.slice(1));
  new ThreadPlacement(true).beforeRun([...ids, 0]);
  expect(ids.map(allowedCores)).toEqual(before);
});

it('goes on without threads that have ended', () => {
  const placement = new ThreadPlacement(true);
  expect(() => placement.beforeRun([2 ** 30, 2 ** 30 + 1])).not.toThrow();
});

it('takes the cores where they ran last as far as they differ', () => {
  const all = [0, 1, 2, 3];
  expect(differentCores([2, 3], [all, all])).toEqual([2, 3]);
  expect(differentCores([2, 2, 0], [all, all, all])).toEqual([2, 1, 0]);
  expect(differentCores([2, 2], [[0, 2], [2]])).toBeUndefined();
  expect(differentCores([0, 0], [[0], [0]])).toBeUndefined();
  expect(
    differentCores(
      [5, 5],
      [
        [4, 5],
        [4, 5],
      ],
    ),
  ).toEqual([5, 4]);
});

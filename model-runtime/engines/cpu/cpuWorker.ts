import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { CONTROL, OPERATION, type WorkerInput } from './control';

type Pass = (plan: number, thread: number, threads: number) => number;

/** One thread of the team: sleeps until the host starts a job, takes part in it, and says so. */
function run(input: WorkerInput): void {
  const { module, memory, thread, controlAddress } = input;
  const abort = () => {
    throw new Error('The CPU kernels aborted.');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  // The module's own exports, whose types the compiler cannot know.
  const { forward, advance } = exports as unknown as { forward: Pass; advance: Pass };
  const control = new Int32Array(memory.buffer, controlAddress, CONTROL.wordCount);
  Atomics.store(control, CONTROL.threadIds + thread, threadId());
  let { job } = input;
  for (;;) {
    // A wake-up for the job that is done already may come late.
    while (Atomics.load(control, CONTROL.job) === job) Atomics.wait(control, CONTROL.job, job);
    job = Atomics.load(control, CONTROL.job);
    const operation = control[CONTROL.operation];
    const threads = control[CONTROL.threads] ?? 1;
    if (operation === OPERATION.stop) return;
    const pass = operation === OPERATION.advance ? advance : forward;
    const isCanceled = pass(control[CONTROL.plan] ?? 0, thread, threads);
    if (thread === 0) control[CONTROL.isCanceled] = isCanceled;
    if (Atomics.add(control, CONTROL.finished, 1) + 1 === threads) {
      Atomics.store(control, CONTROL.done, job);
      Atomics.notify(control, CONTROL.done);
    }
  }
}

/** Linux's number of this thread; 0 elsewhere. */
function threadId(): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(path.basename(readlinkSync('/proc/thread-self')));
  } catch {
    return 0;
  }
}

run(workerData as WorkerInput);

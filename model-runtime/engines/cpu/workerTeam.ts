import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RuntimeError } from '../../protocol/errors';
import { CONTROL, MAX_THREADS, OPERATION, type WorkerInput } from './control';
import type { CpuBuild } from './cpuBuild';
import type { MemoryArea } from './memoryArea';
import { TEAM_WORDS, type MemoryPlan } from './memoryPlan';
import { ThreadPlacement } from './threadPlacement';

/**
 * How often a thread looks for the others before it sleeps, at most: some 200 microseconds. One that slept wakes 50 microseconds late, with
 * the next phase half done; then the others wait for it, and sleep in turn.
 */
const BARRIER_SPINS = 200_000;

/**
 * The threads that run the model; the host's own thread never computes. They can start before there is a plan, but run nothing.
 * Dispose it to end them.
 */
export class WorkerTeam {
  private readonly workers: Worker[] = [];
  private readonly controlAddress: number;
  private teamAddress: number | undefined;
  private placement: ThreadPlacement | undefined;
  private job = 0;
  private failure: RuntimeError | undefined;
  private rejectJob: ((error: RuntimeError) => void) | undefined;

  constructor(
    private readonly area: MemoryArea,
    private readonly build: CpuBuild,
    /** Folder with `cpuWorker.js`. */
    private readonly programFolder: string,
  ) {
    this.controlAddress = area.allocate(CONTROL.wordCount * 4);
  }

  /** What all jobs follow from now on. */
  follow(plan: MemoryPlan): void {
    this.control[CONTROL.plan] = plan.address;
    this.teamAddress = plan.fields.team;
    this.teamWords[TEAM_WORDS.spins] = BARRIER_SPINS;
  }

  get size(): number {
    return this.workers.length;
  }

  /** Makes the team `count` threads large, between jobs. Throws `engineUnavailable` when a thread cannot start. */
  async resize(count: number): Promise<void> {
    const wanted = Math.min(Math.max(count, 1), MAX_THREADS);
    await this.stop(wanted);
    const { size } = this;
    for (let thread = size; thread < wanted; thread++) this.start(thread);
    await Promise.all(this.workers.slice(size).map((worker) => online(worker)));
  }

  /** From now on they wake on different cores. */
  wakeApart(): void {
    this.placement ??= new ThreadPlacement();
  }

  /** Runs one pass on all threads. Answers whether it was given up because `signal` aborted. */
  async run(operation: 'forward' | 'advance', signal?: AbortSignal): Promise<boolean> {
    if (this.failure) throw this.failure;
    const { control, teamWords } = this;
    teamWords[TEAM_WORDS.cancel] = 0;
    teamWords.fill(0, TEAM_WORDS.taken);
    control[CONTROL.operation] = OPERATION[operation];
    control[CONTROL.threads] = this.size;
    Atomics.store(control, CONTROL.finished, 0);
    this.placement?.beforeRun(this.threadIds);
    this.job += 1;
    Atomics.store(control, CONTROL.job, this.job);
    Atomics.notify(control, CONTROL.job);
    const giveUp = () => Atomics.store(teamWords, TEAM_WORDS.cancel, 1);
    signal?.addEventListener('abort', giveUp);
    try {
      await this.done();
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.rejectJob = undefined;
      this.placement?.afterRun();
    }
    return control[CONTROL.isCanceled] !== 0;
  }

  async dispose(): Promise<void> {
    this.failure ??= new RuntimeError('internal', 'The engine was used after it was disposed.');
    await this.stop();
  }

  /** Until all threads are through with the current job. The last job's wake-up may come late, and ends a wait too. */
  private async done(): Promise<void> {
    const { control } = this;
    const failed = this.failed();
    for (;;) {
      const done = Atomics.load(control, CONTROL.done);
      if (done === this.job) return;
      const wait = Atomics.waitAsync(control, CONTROL.done, done);
      if (wait.async) await Promise.race([wait.value, failed]);
    }
  }

  private failed(): Promise<never> {
    return new Promise((_, reject) => (this.rejectJob = reject));
  }

  private start(thread: number): void {
    const workerData: WorkerInput = {
      module: this.build.module,
      memory: this.area.memory,
      thread,
      job: this.job,
      controlAddress: this.controlAddress,
    };
    const worker = new Worker(join(this.programFolder, 'cpuWorker.js'), {
      workerData,
      name: `cpu engine ${thread}`,
      // The threads hold no JavaScript objects to speak of.
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
    });
    worker.on('error', (error) => this.fail(error));
    this.workers.push(worker);
  }

  private fail(cause: unknown): void {
    this.failure ??= new RuntimeError(
      'internal',
      `A thread of the CPU engine failed: ${String(cause)}. Choose another engine in the settings if it happens again.`,
      { cause },
    );
    this.rejectJob?.(this.failure);
  }

  /** Ends all threads but the first `count`. */
  private async stop(count = 0): Promise<void> {
    this.placement?.letGo();
    // The system may give their numbers to others.
    this.control.fill(0, CONTROL.threadIds + count, CONTROL.threadIds + MAX_THREADS);
    await Promise.all(this.workers.splice(count).map((worker) => worker.terminate()));
  }

  private get threadIds(): number[] {
    const first = CONTROL.threadIds;
    return Array.from(this.control.subarray(first, first + this.size));
  }

  private get control(): Int32Array<SharedArrayBuffer> {
    return this.area.int32(this.controlAddress, CONTROL.wordCount);
  }

  private get teamWords(): Int32Array<SharedArrayBuffer> {
    if (this.teamAddress === undefined) throw new RuntimeError('internal', 'There is no plan yet.');
    return this.area.int32(this.teamAddress, TEAM_WORDS.count);
  }
}

/** Throws `engineUnavailable` when the thread ends instead of starting. */
function online(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('online', resolve);
    worker.once('error', (cause) =>
      reject(
        new RuntimeError(
          'engineUnavailable',
          `A thread of the CPU engine could not be started: ${String(cause)}. Choose another engine in the settings.`,
          { cause },
        ),
      ),
    );
  });
}

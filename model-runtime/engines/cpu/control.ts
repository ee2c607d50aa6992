/** Of one team. */
export const MAX_THREADS = 16;

/**
 * Words by which the host and the team's threads start and end jobs; each group that one side writes has a cache line of
 * its own. A job's fields are written before `job` is raised, and no thread looks at them after it has counted itself
 * into `finished`.
 */
export const CONTROL = {
  /** Raised by the host for every job; threads sleep on it between jobs. */
  job: 0,
  operation: 1,
  /** Threads of the team. */
  threads: 2,
  /** Address of the plan that the job follows. */
  plan: 3,
  /** Threads that are through with the job. */
  finished: 16,
  /** The job that all threads are through with; the host waits for it. */
  done: 32,
  /** Whether the job was given up. */
  isCanceled: 33,
  /** From here on the system's number of each thread, written when it starts; 0 where it has none. */
  threadIds: 48,
  wordCount: 48 + MAX_THREADS,
} as const;

export const OPERATION = { forward: 1, advance: 2, stop: 3 } as const;

/** What a thread is given at its start. */
export interface WorkerInput {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  thread: number;
  /** The job before the first one that it takes part in. */
  job: number;
  controlAddress: number;
}

import { availableParallelism } from 'node:os';
import type { Engine, RecurrentState } from '../engine';
import type { WorkerTeam } from './workerTeam';

/** More than this many are not tried: they take the cores that the editor needs. */
const MOST_AUTOMATIC_THREADS = 8;
/** Until it is measured: half of the cores, one for each that is not shared by two threads of the processor, within these limits. */
const LEAST_LIKELY_THREADS = 2;
const MOST_LIKELY_THREADS = 4;
/** Further threads have to pay: otherwise they only heat the machine. */
const WORTHWHILE_SPEEDUP = 1.1;
const MEASURED_TOKENS = 5;

/** How many threads to start with where nothing has been measured. */
export function likelyThreads(): number {
  const cores = availableParallelism();
  const half = Math.max(LEAST_LIKELY_THREADS, Math.floor(cores / 2));
  return Math.min(cores, half, MOST_LIKELY_THREADS);
}

/**
 * Leaves `team` with the number of threads that decodes fastest on this machine right now. Throws the signal's reason when it
 * aborts; the team is then as large as before.
 */
export async function chooseThreads(
  engine: Engine,
  team: WorkerTeam,
  signal?: AbortSignal,
): Promise<void> {
  const most = Math.min(MOST_AUTOMATIC_THREADS, availableParallelism());
  const before = team.size;
  const state = engine.createState();
  try {
    let best = { threads: 1, ms: await measure(engine, team, 1, state, signal) };
    for (let threads = 2; threads <= most; threads = threads < 4 ? threads + 1 : threads + 2) {
      const ms = await measure(engine, team, threads, state, signal);
      if (ms * WORTHWHILE_SPEEDUP > best.ms) break;
      best = { threads, ms };
    }
    await team.resize(best.threads);
  } catch (error) {
    if (before > 0) await team.resize(before);
    throw error;
  } finally {
    state.dispose();
  }
}

/** Milliseconds of the fastest of a few tokens. */
async function measure(
  engine: Engine,
  team: WorkerTeam,
  threads: number,
  state: RecurrentState,
  signal: AbortSignal | undefined,
): Promise<number> {
  await team.resize(threads);
  let fastest = Infinity;
  for (let token = 0; token <= MEASURED_TOKENS; token++) {
    const start = performance.now();
    await engine.decode(token % engine.info.vocabSize, state, signal);
    // The first one still compiles and reads the weights into the caches.
    if (token > 0) fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

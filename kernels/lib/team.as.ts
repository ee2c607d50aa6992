// A team of threads that walks through one computation phase by phase. One thread of a team of one never waits.

/** Words shared by the team; the host writes `cancel` and sleeps on nothing here. Field order: controlBlock.ts. */
@unmanaged
export class Team {
  /** Threads that have reached the barrier. */
  arrived: i32;
  /** Counts the barriers passed. */
  generation: i32;
  /** Threads that sleep at the barrier. */
  sleepers: i32;
  /** Set by the host: give the computation up. */
  cancel: i32;
  /** What every thread answers after a barrier: whether to give up. Decided once, so that no thread is left waiting. */
  isCanceled: i32;
  /** Looks at the generation before a thread goes to sleep, at most. */
  spins: i32;
}

/**
 * How often this thread looks before it sleeps: a tenth of the most after it had to sleep, then more each time that it need not. A thread that
 * looks for long helps while each has a core to itself; where two share one it keeps the other from what it waits for.
 */
let patience: i32 = 0;

/** Bytes from one thread's count to the next's: a cache line each, so that taking from one's own share disturbs nobody. */
const COUNT_STRIDE: usize = 64;

/** Address of the number of pieces taken from a thread's share in the current phase. The counts follow the structure. */
@inline
function takenAt(team: Team, thread: i32): usize {
  return changetype<usize>(team) + <usize>(thread + 1) * COUNT_STRIDE;
}

/** Waits for the whole team, then starts the next phase. Returns whether the computation is to be given up. */
export function barrier(team: Team, threads: i32): bool {
  const base = changetype<usize>(team);
  const generationAt = base + offsetof<Team>('generation');
  const sleepersAt = base + offsetof<Team>('sleepers');
  const generation = atomic.load<i32>(generationAt);
  if (atomic.add<i32>(base + offsetof<Team>('arrived'), 1) + 1 == threads) {
    team.arrived = 0;
    for (let i = 0; i < threads; i++) store<i32>(takenAt(team, i), 0);
    team.isCanceled = atomic.load<i32>(base + offsetof<Team>('cancel'));
    atomic.add<i32>(generationAt, 1);
    if (atomic.load<i32>(sleepersAt)) atomic.notify(generationAt, threads);
    return team.isCanceled != 0;
  }
  const most = team.spins;
  for (let i = 0, n = max(patience, most / 10); i < n; i++) {
    if (atomic.load<i32>(generationAt) == generation) continue;
    patience = min(most, n + (n >> 4));
    return team.isCanceled != 0;
  }
  patience = 0;
  atomic.add<i32>(sleepersAt, 1);
  while (atomic.load<i32>(generationAt) == generation) {
    atomic.wait<i32>(generationAt, generation, -1);
  }
  atomic.sub<i32>(sleepersAt, 1);
  return team.isCanceled != 0;
}

/**
 * Takes the next of the phase's `pieces`, -1 when all are taken. Each thread has a share of them that lies together: it reads memory in
 * order, and what it read for the last token may still be in its cache. Who is through takes from the others' shares, so that a
 * thread that lost its core holds up one piece.
 */
export function takePiece(team: Team, thread: i32, threads: i32, pieces: i32): i32 {
  let owner = thread;
  for (let i = 0; i < threads; i++) {
    const first = (owner * pieces) / threads;
    const count = ((owner + 1) * pieces) / threads - first;
    const at = takenAt(team, owner);
    if (atomic.load<i32>(at) < count) {
      const taken = atomic.add<i32>(at, 1);
      if (taken < count) return first + taken;
    }
    if (++owner == threads) owner = 0;
  }
  return -1;
}

/** Whether the rest of a phase may be skipped, because the barrier at its end will give the computation up. */
@inline
export function isGivenUp(team: Team): bool {
  return atomic.load<i32>(changetype<usize>(team) + offsetof<Team>('cancel')) != 0;
}

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
  /** Next piece of the current phase's work. */
  nextPiece: i32;
  /** Set by the host: give the computation up. */
  cancel: i32;
  /** What every thread answers after a barrier: whether to give up. Decided once, so that no thread is left waiting. */
  isCanceled: i32;
  /** Looks at the generation before a thread goes to sleep. */
  spins: i32;
}

/** Waits for the whole team, then starts the next phase. Returns whether the computation is to be given up. */
export function barrier(team: Team, threads: i32): bool {
  const base = changetype<usize>(team);
  const generationAt = base + offsetof<Team>('generation');
  const sleepersAt = base + offsetof<Team>('sleepers');
  const generation = atomic.load<i32>(generationAt);
  if (atomic.add<i32>(base + offsetof<Team>('arrived'), 1) + 1 == threads) {
    team.arrived = 0;
    team.nextPiece = 0;
    team.isCanceled = atomic.load<i32>(base + offsetof<Team>('cancel'));
    atomic.add<i32>(generationAt, 1);
    if (atomic.load<i32>(sleepersAt)) atomic.notify(generationAt, threads);
    return team.isCanceled != 0;
  }
  for (let i = 0, n = team.spins; i < n; i++) {
    if (atomic.load<i32>(generationAt) != generation) return team.isCanceled != 0;
  }
  atomic.add<i32>(sleepersAt, 1);
  while (atomic.load<i32>(generationAt) == generation) {
    atomic.wait<i32>(generationAt, generation, -1);
  }
  atomic.sub<i32>(sleepersAt, 1);
  return team.isCanceled != 0;
}

/** Takes the next piece of the phase's work: whoever is free takes it, so that a thread that lost its core holds up one piece. */
@inline
export function takePiece(team: Team): i32 {
  return atomic.add<i32>(changetype<usize>(team) + offsetof<Team>('nextPiece'), 1);
}

/** Whether the rest of a phase may be skipped, because the barrier at its end will give the computation up. */
@inline
export function isGivenUp(team: Team): bool {
  return atomic.load<i32>(changetype<usize>(team) + offsetof<Team>('cancel')) != 0;
}

/** Longer breaks are thinking, not typing. */
const LONGEST_INTERVAL_MS = 1000;
/** Of each kind; older ones are forgotten. */
const REMEMBERED = 20;
/** Before anything is known. */
const FIRST_WAIT_MS = 60;
/** A break that is so much longer than usual is a pause. */
const PAUSE = 1.2;

/**
 * How fast the user types and how long suggestions take here. A suggestion that is there before the next key is asked for at
 * once; one that comes later would be thrown away, so it waits for a pause.
 */
export class TypingRhythm {
  private readonly intervals: number[] = [];
  private readonly latencies: number[] = [];
  private lastKeyMs = -Infinity;

  noteKey(atMs: number): void {
    const interval = atMs - this.lastKeyMs;
    this.lastKeyMs = atMs;
    if (interval <= LONGEST_INTERVAL_MS) push(this.intervals, interval);
  }

  /** From asking the runtime to its answer. */
  noteLatency(elapsedMs: number): void {
    push(this.latencies, elapsedMs);
  }

  /** Milliseconds after a key that a request should wait for another one. */
  get waitMs(): number {
    const interval = median(this.intervals);
    const latency = median(this.latencies);
    if (interval === undefined || latency === undefined) return FIRST_WAIT_MS;
    return latency <= interval ? 0 : interval * PAUSE;
  }
}

function push(values: number[], value: number): void {
  values.push(value);
  if (values.length > REMEMBERED) values.shift();
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

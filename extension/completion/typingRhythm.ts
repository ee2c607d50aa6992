/** Longer breaks are thinking, not typing. */
const LONGEST_INTERVAL_MS = 1000;
/** Older ones are forgotten. */
const REMEMBERED_INTERVALS = 20;
/** Few: the first ones after a start, or after a far jump, say little about the next. */
const REMEMBERED_LATENCIES = 5;
/** After so many keys without a request one is asked for in any case: else nobody would notice that they come fast enough by now. */
const MOST_KEYS_WITHOUT_REQUEST = 4;
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
  private keysWithoutRequest = 0;

  noteKey(atMs: number): void {
    const interval = atMs - this.lastKeyMs;
    this.lastKeyMs = atMs;
    this.keysWithoutRequest++;
    if (interval <= LONGEST_INTERVAL_MS) push(this.intervals, interval, REMEMBERED_INTERVALS);
  }

  /** The runtime is asked, whether it will be in time or not. */
  noteRequest(): void {
    this.keysWithoutRequest = 0;
  }

  /** From asking the runtime to its answer. */
  noteLatency(elapsedMs: number): void {
    push(this.latencies, elapsedMs, REMEMBERED_LATENCIES);
  }

  /** Milliseconds after a key that a request should wait for another one. */
  get waitMs(): number {
    const interval = median(this.intervals);
    const latency = median(this.latencies);
    if (interval === undefined || latency === undefined) return FIRST_WAIT_MS;
    if (this.keysWithoutRequest >= MOST_KEYS_WITHOUT_REQUEST) return 0;
    return latency <= interval ? 0 : interval * PAUSE;
  }
}

function push(values: number[], value: number, most: number): void {
  values.push(value);
  if (values.length > most) values.shift();
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

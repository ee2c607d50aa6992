const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** A process that lived this long was healthy: the count of quick deaths starts again. */
const HEALTHY_AFTER_MS = 60_000;
const MOST_QUICK_DEATHS = 8;

/** Decides when a runtime that died is started again. */
export class RestartPolicy {
  private quickDeaths = 0;

  /** Milliseconds to wait before the next start, or `undefined` to give up. */
  afterDeath(lifetimeMs: number): number | undefined {
    if (lifetimeMs >= HEALTHY_AFTER_MS) this.quickDeaths = 0;
    this.quickDeaths++;
    if (this.quickDeaths > MOST_QUICK_DEATHS) return undefined;
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.quickDeaths - 1));
  }

  reset(): void {
    this.quickDeaths = 0;
  }
}

import { setImmediate } from 'node:timers/promises';

/** Lets others run between the parts of activation and adds up the time of the parts alone. */
export class ActivationClock {
  private partStart = performance.now();
  private spentMs = 0;

  /** Ends a part; resolves at the start of the next one. */
  async nextTurn(): Promise<void> {
    this.spentMs += performance.now() - this.partStart;
    await setImmediate();
    this.partStart = performance.now();
  }

  /** Milliseconds of all parts together. */
  stop(): number {
    return this.spentMs + performance.now() - this.partStart;
  }
}

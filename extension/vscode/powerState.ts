import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';

/** Where the machine's power comes from, as far as it says. */
export interface PowerReading {
  hasBattery: boolean;
  /** Whether it is plugged in. */
  acConnected: boolean;
}

/** Asking can start a process (Windows, macOS): not at every key. */
const READING_HOLDS_MS = 60_000;

/** Whether the machine runs on its battery. Nobody waits for the answer: it is the last one, and a new one is on its way. */
export class PowerState extends Disposable {
  private readonly changes = this.register(new Emitter<void>());
  private isOnBattery = false;
  private readAtMs = -Infinity;

  readonly onChange = this.changes.event;

  constructor(
    private readonly read: () => Promise<PowerReading>,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
  }

  get onBattery(): boolean {
    if (this.now() - this.readAtMs >= READING_HOLDS_MS) {
      this.readAtMs = this.now();
      void this.refresh();
    }
    return this.isOnBattery;
  }

  private async refresh(): Promise<void> {
    try {
      const { hasBattery, acConnected } = await this.read();
      const isOnBattery = hasBattery && !acConnected;
      if (isOnBattery === this.isOnBattery) return;
      this.isOnBattery = isOnBattery;
      this.logger.info(`power: ${isOnBattery ? 'on battery' : 'plugged in'}`);
      this.changes.fire();
    } catch (error) {
      // Then it counts as plugged in: nothing is kept back for a machine that does not say.
      this.logger.debug(`power: ${describeError(error)}`);
    }
  }
}

/** What the system says. Loaded when it is first asked for: activation does without. */
export async function readSystemPower(): Promise<PowerReading> {
  const { default: battery } = await import('systeminformation/lib/battery');
  return battery();
}

import { Disposable, toDisposable } from '../common/disposable';
import { Emitter } from '../common/emitter';

/** Suggestions while typing are put off until a time of day. Those asked for by command still come. */
export class Snooze extends Disposable {
  private readonly changes = this.register(new Emitter<void>());
  private timer: NodeJS.Timeout | undefined;
  private endMs: number | undefined;

  readonly onChange = this.changes.event;

  constructor() {
    super();
    this.register(
      toDisposable(() => {
        clearTimeout(this.timer);
      }),
    );
  }

  /** When it ends; `undefined` while suggestions are on. */
  get until(): Date | undefined {
    return this.endMs === undefined ? undefined : new Date(this.endMs);
  }

  /** In place of a snooze under way. */
  start(durationMs: number): void {
    clearTimeout(this.timer);
    this.endMs = Date.now() + durationMs;
    this.timer = setTimeout(() => {
      this.end();
    }, durationMs);
    this.changes.fire();
  }

  end(): void {
    clearTimeout(this.timer);
    if (this.endMs === undefined) return;
    this.endMs = undefined;
    this.changes.fire();
  }
}

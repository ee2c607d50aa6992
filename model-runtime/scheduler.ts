/** One piece of work on the engine. `run` throws its signal's reason when it is aborted. */
export interface Job {
  requestId: number;
  documentId: string;
  /** Background work waits for all other work and gives way to it between chunks. */
  isBackground: boolean;
  /** Others that are shared may run beside it. */
  isShared?: boolean;
  run(signal: AbortSignal): Promise<void>;
  /** Called instead of `run`, or after it was aborted. */
  onCanceled(): void;
}

interface ScheduledJob extends Job {
  abort: AbortController;
}

/**
 * Runs one job at a time, as the engine must, or up to `mostShared()` shared ones. The newest request of a document wins: an
 * older one of the same document is canceled, running or waiting. Foreground work interrupts background work.
 */
export class Scheduler {
  private waiting: ScheduledJob[] = [];
  private running: ScheduledJob[] = [];

  constructor(private readonly mostShared: () => number = () => 1) {}

  add(job: Job): void {
    const scheduled: ScheduledJob = { ...job, abort: new AbortController() };
    for (const older of this.all()) {
      const isReplaced =
        older.documentId === job.documentId && (older.isBackground || !job.isBackground);
      const givesWay = this.running.includes(older) && older.isBackground && !job.isBackground;
      if (isReplaced || givesWay) this.cancel(older.requestId);
    }
    this.waiting.push(scheduled);
    this.start();
  }

  cancel(requestId: number): void {
    const running = this.running.find((job) => job.requestId === requestId);
    if (running) {
      running.abort.abort();
      return;
    }
    const job = this.waiting.find((waiting) => waiting.requestId === requestId);
    if (!job) return;
    this.waiting = this.waiting.filter((waiting) => waiting !== job);
    job.onCanceled();
  }

  cancelDocument(documentId: string): void {
    for (const job of this.all()) if (job.documentId === documentId) this.cancel(job.requestId);
  }

  private all(): ScheduledJob[] {
    return [...this.running, ...this.waiting];
  }

  private start(): void {
    for (let job = this.takeNext(); job; job = this.takeNext()) {
      this.running.push(job);
      void this.run(job);
    }
  }

  private async run(job: ScheduledJob): Promise<void> {
    try {
      await job.run(job.abort.signal);
    } catch (error) {
      // `run` reports its own failures; what is left is the abort.
      if (!job.abort.signal.aborted) throw error;
      job.onCanceled();
    } finally {
      this.running = this.running.filter((other) => other !== job);
      this.start();
    }
  }

  /** Newest foreground job first: it is what the user waits for now. */
  private takeNext(): ScheduledJob | undefined {
    const next = this.waiting.findLast((job) => !job.isBackground) ?? this.waiting[0];
    if (!next || !this.hasRoomFor(next)) return undefined;
    this.waiting = this.waiting.filter((job) => job !== next);
    return next;
  }

  private hasRoomFor(job: ScheduledJob): boolean {
    if (this.running.length === 0) return true;
    const areShared = [job, ...this.running].every(({ isShared }) => isShared);
    // One that was canceled may still be at work on its document.
    const isFree = this.running.every(({ documentId }) => documentId !== job.documentId);
    return areShared && isFree && this.running.length < this.mostShared();
  }
}

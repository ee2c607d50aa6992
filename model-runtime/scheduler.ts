/** One piece of work on the engine. `run` throws its signal's reason when it is aborted. */
export interface Job {
  requestId: number;
  documentId: string;
  /** Background work waits for all other work and gives way to it between chunks. */
  isBackground: boolean;
  run(signal: AbortSignal): Promise<void>;
  /** Called instead of `run`, or after it was aborted. */
  onCanceled(): void;
}

interface ScheduledJob extends Job {
  abort: AbortController;
}

/**
 * Runs one job at a time, as the engine must. The newest request of a document wins: an older one of the same document is
 * canceled, running or waiting. Foreground work interrupts background work.
 */
export class Scheduler {
  private waiting: ScheduledJob[] = [];
  private running: ScheduledJob | undefined;

  add(job: Job): void {
    const scheduled: ScheduledJob = { ...job, abort: new AbortController() };
    for (const older of this.all()) {
      const isReplaced =
        older.documentId === job.documentId && (older.isBackground || !job.isBackground);
      const givesWay = older === this.running && older.isBackground && !job.isBackground;
      if (isReplaced || givesWay) this.cancel(older.requestId);
    }
    this.waiting.push(scheduled);
    void this.runAll();
  }

  cancel(requestId: number): void {
    if (this.running?.requestId === requestId) {
      this.running.abort.abort();
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
    return this.running ? [this.running, ...this.waiting] : [...this.waiting];
  }

  private async runAll(): Promise<void> {
    if (this.running) return;
    for (let job = this.takeNext(); job; job = this.takeNext()) {
      this.running = job;
      try {
        await job.run(job.abort.signal);
      } catch (error) {
        // `run` reports its own failures; what is left is the abort.
        if (!job.abort.signal.aborted) throw error;
        job.onCanceled();
      } finally {
        this.running = undefined;
      }
    }
  }

  /** Newest foreground job first: it is what the user waits for now. */
  private takeNext(): ScheduledJob | undefined {
    const next = this.waiting.findLast((job) => !job.isBackground) ?? this.waiting[0];
    this.waiting = this.waiting.filter((job) => job !== next);
    return next;
  }
}

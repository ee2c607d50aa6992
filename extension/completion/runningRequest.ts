import type { LocalContext } from './localContext';
import { leadsTo } from './typingAsSuggested';

/** The editor takes the old question back just before it asks the new one. */
const GRACE_MS = 30;

/** A request that the runtime is answering, and those who wait for it. It ends when nobody does any more. */
export class RunningRequest<Answer> {
  readonly answer: Promise<Answer>;
  private readonly controller = new AbortController();
  private waiting = 0;
  private grace: NodeJS.Timeout | undefined;
  private written = '';
  private isAnswered = false;

  /** Starts it. `ask` is handed a way to say what has been written so far. */
  constructor(
    private readonly context: LocalContext,
    ask: (signal: AbortSignal, onPartial: (text: string) => void) => Promise<Answer>,
  ) {
    this.answer = ask(this.controller.signal, (text) => {
      this.written = text;
    }).finally(() => {
      this.isAnswered = true;
      clearTimeout(this.grace);
    });
  }

  /** Whether what it has written so far begins with what was typed meanwhile. */
  leadsTo(context: LocalContext): boolean {
    return !this.controller.signal.aborted && leadsTo(this.context, this.written, context);
  }

  /** Its answer; nothing when `signal` aborts before. */
  async wait(signal: AbortSignal): Promise<Answer | undefined> {
    clearTimeout(this.grace);
    this.waiting++;
    try {
      return await Promise.race([this.answer, aborted(signal)]);
    } finally {
      this.waiting--;
      if (this.waiting === 0 && !this.isAnswered) {
        this.grace = setTimeout(() => {
          this.abort();
        }, GRACE_MS);
      }
    }
  }

  abort(): void {
    clearTimeout(this.grace);
    this.controller.abort();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve(undefined);
      },
      { once: true },
    );
  });
}

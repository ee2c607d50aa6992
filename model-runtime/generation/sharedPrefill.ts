import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine, RecurrentState } from '../engines/engine';
import type { ChunkOptions, ReadingEngine } from './prefill';

interface Waiting {
  tokens: Int32Array;
  state: RecurrentState;
  options: ChunkOptions;
  resolve: (logits: Float32Array) => void;
  reject: (reason: unknown) => void;
}

/**
 * Lets several readers use one engine at once, each with a state of its own. What they ask for while a pass runs is read in the
 * next one: together where the engine has `prefillMany`, otherwise one after the other. A pass takes no longer than that of one
 * reader, since readers share the tokens of a chunk.
 */
export class SharedPrefill {
  private waiting: Waiting[] = [];
  private readers = 0;
  private isRunning = false;

  constructor(private readonly engine: Engine) {}

  /** Runs `use`, which may read as long as it runs. */
  async asReader<T>(use: (engine: ReadingEngine) => Promise<T>): Promise<T> {
    const prefill: ReadingEngine['prefill'] = (tokens, state, options) =>
      new Promise((resolve, reject) => {
        this.waiting.push({ tokens, state, options, resolve, reject });
        void this.run();
      });
    const mostTokens = () => this.mostTokens();
    this.readers++;
    try {
      return await use({
        prefill,
        get maxChunkTokens() {
          return mostTokens();
        },
      });
    } finally {
      this.readers--;
    }
  }

  private mostTokens(): number {
    const { maxChunkTokens, maxSequences = 1 } = this.engine.info;
    if (!this.engine.prefillMany) return maxChunkTokens;
    return Math.max(1, Math.floor(maxChunkTokens / Math.min(this.readers, maxSequences)));
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.waiting.length > 0) {
      // Those that were in the last pass all ask again within a turn.
      if (this.readers > 1) await nextTurn();
      await this.pass(this.takeTogether());
    }
    this.isRunning = false;
  }

  /** As many of those that wait longest as one pass has room for. */
  private takeTogether(): Waiting[] {
    const { maxChunkTokens, maxSequences = 1 } = this.engine.info;
    const most = this.engine.prefillMany ? maxSequences : 1;
    let left = maxChunkTokens;
    const end = this.waiting.findIndex(({ tokens }, i) => {
      left -= tokens.length;
      return i > 0 && (i >= most || left < 0);
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  private async pass(together: readonly Waiting[]): Promise<void> {
    const wanted = together.filter(({ options: { signal }, reject }) => {
      if (signal.aborted) reject(signal.reason);
      return !signal.aborted;
    });
    const [first] = wanted;
    if (!first) return;
    try {
      const { engine } = this;
      if (wanted.length === 1 || !engine.prefillMany) {
        first.resolve(await engine.prefill(first.tokens, first.state, first.options));
        return;
      }
      const logits = await engine.prefillMany(wanted);
      const { vocabSize } = engine.info;
      wanted.forEach(({ resolve }, i) => {
        resolve(logits.slice(i * vocabSize, (i + 1) * vocabSize));
      });
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }
}

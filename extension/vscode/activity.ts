import type { RequestChannel } from '../completion/trackedCompletion';
import type { Throughput } from '../completion/throughput';
import type { CompletionFigures } from '../../model-runtime/protocol/messages';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type {
  CompletionOutcome,
  CompletionParameters,
  PartialListener,
  WarmOutcome,
  WarmParameters,
} from '../runtime-client/runtimeClient';

/** What the last completed request cost. */
export interface RequestFigures extends CompletionFigures {
  /** From asking the runtime to its answer, both crossings of the process boundary included. */
  latencyMs: number;
}

/** Passes requests on to the runtime and keeps what the status bar and the panel show about those that someone waits for. */
export class RequestActivity extends Disposable implements RequestChannel {
  private readonly changes = this.register(new Emitter<void>());
  private runningCount = 0;
  private figures: RequestFigures | undefined;

  /** Fired when a request starts or ends. */
  readonly onChange = this.changes.event;

  constructor(
    private readonly runtime: RequestChannel,
    private readonly throughput: Throughput,
  ) {
    super();
  }

  get isWorking(): boolean {
    return this.runningCount > 0;
  }

  get lastFigures(): RequestFigures | undefined {
    return this.figures;
  }

  warm(parameters: WarmParameters, signal: AbortSignal): Promise<WarmOutcome> {
    return this.runtime.warm(parameters, signal);
  }

  async complete(
    parameters: CompletionParameters,
    signal: AbortSignal,
    onPartial?: PartialListener,
  ): Promise<CompletionOutcome> {
    if (parameters.isAhead) return this.runtime.complete(parameters, signal);
    const startMs = performance.now();
    this.runningCount++;
    this.changes.fire();
    try {
      const outcome = await this.runtime.complete(parameters, signal, onPartial);
      if (outcome.kind === 'success' || outcome.kind === 'empty') {
        this.throughput.addRequest(outcome.figures);
        this.figures = { ...outcome.figures, latencyMs: performance.now() - startMs };
      }
      return outcome;
    } finally {
      this.runningCount--;
      this.changes.fire();
    }
  }
}

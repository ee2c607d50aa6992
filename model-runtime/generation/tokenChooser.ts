import type { Engine, RecurrentState } from '../engines/engine';
import { sample, type SampledToken, type SamplingOptions } from '../sampling/sample';
import { createDecoder, type Decoder } from './draftDecoder';

/** Chooses one token after the other, as `sample` does from the logits of `engine.decode`. */
export interface TokenChooser {
  /** Reads `token`, the last one chosen, and chooses the next. */
  next(token: number): Promise<SampledToken>;
  /** How often the weights were read for tokens that were asked for. */
  readonly passes: number;
  /** No more is asked for. */
  close(): Promise<void>;
}

export interface ChooserOptions {
  /** What `state` has read, for guesses that are copied from it. */
  prompt: Int32Array | undefined;
  isStop: (token: number) => boolean;
  sampling: SamplingOptions;
  /** No more than so many are asked for. */
  maxTokens: number;
  signal: AbortSignal;
}

/** The chooser that suits what the engine can do. */
export function createTokenChooser(
  engine: Engine,
  state: RecurrentState,
  options: ChooserOptions,
): TokenChooser {
  return canChoose(engine)
    ? new EngineChooser(engine, state, options)
    : new LogitsChooser(
        engine,
        createDecoder(engine, state, options.prompt, options.isStop),
        options.sampling,
      );
}

class LogitsChooser implements TokenChooser {
  constructor(
    private readonly engine: Engine,
    private readonly decoder: Decoder,
    private readonly sampling: SamplingOptions,
  ) {}

  get passes(): number {
    return this.decoder.passes;
  }

  async next(token: number): Promise<SampledToken> {
    const logits = await this.decoder.next(token);
    return sample(logits, this.sampling, this.engine.topK?.(logits));
  }

  async close(): Promise<void> {
    // Nothing runs ahead.
  }
}

type ChoosingEngine = Engine & Required<Pick<Engine, 'chooseTokens'>>;

/** Takes the tokens from an engine that chooses them itself, ahead of what is asked for. */
class EngineChooser implements TokenChooser {
  passes = 0;
  private groups: AsyncGenerator<SampledToken[], void, void> | undefined;
  private group: SampledToken[] = [];

  constructor(
    private readonly engine: ChoosingEngine,
    private readonly state: RecurrentState,
    private readonly options: ChooserOptions,
  ) {}

  async next(token: number): Promise<SampledToken> {
    this.groups ??= this.engine.chooseTokens(token, this.state, this.options);
    while (this.group.length === 0) {
      const { value } = await this.groups.next();
      if (!value) throw new Error('More tokens were asked for than announced.');
      this.group = [...value];
    }
    this.passes += 1;
    const next = this.group.shift();
    if (!next) throw new Error('The engine chose nothing.');
    return next;
  }

  async close(): Promise<void> {
    await this.groups?.return();
  }
}

function canChoose(engine: Engine): engine is ChoosingEngine {
  return engine.chooseTokens !== undefined;
}

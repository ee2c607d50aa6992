import type { Engine, RecurrentState } from '../engines/engine';
import { findDraft } from './promptLookup';

/** Gives the logits after one more token, as `engine.decode` does, for as little of the engine's time as it can. */
export interface Decoder {
  /** Reads `token`; returns logits `[V]` after it. */
  next(token: number): Promise<Float32Array>;
  /** How often the weights were read. */
  readonly passes: number;
}

/** One pass for each token. */
export class PlainDecoder implements Decoder {
  passes = 0;

  constructor(
    private readonly engine: Engine,
    private readonly state: RecurrentState,
  ) {}

  next(token: number): Promise<Float32Array> {
    this.passes += 1;
    return this.engine.decode(token, this.state);
  }
}

type DraftingEngine = Engine & Required<Pick<Engine, 'verify' | 'accept'>>;

/**
 * Reads a token together with a guess of what follows, copied from the document, and answers from that pass as long as the
 * guess comes true. The answers are those of plain decoding. The state lies behind by the tokens of the last such pass.
 */
export class DraftDecoder implements Decoder {
  passes = 0;
  private readonly history: number[];
  /** Tokens of the last verifying pass, and how many of them have been read so far. */
  private verified: number[] = [];
  private read = 0;
  private rows: Float32Array = new Float32Array();

  constructor(
    private readonly engine: DraftingEngine,
    private readonly state: RecurrentState,
    /** What has been read: the document, where guesses come from. */
    prompt: Int32Array,
    private readonly maxDraftTokens: number,
    private readonly isStop: (token: number) => boolean,
  ) {
    this.history = Array.from(prompt);
  }

  async next(token: number): Promise<Float32Array> {
    this.history.push(token);
    if (this.read > 0 && this.verified[this.read] === token) return this.row(this.read++);
    await this.settle();
    this.passes += 1;
    const room = this.maxDraftTokens - 1;
    const draft = findDraft(this.history, room, this.isStop);
    if (draft.length === 0) return this.engine.decode(token, this.state);
    this.verified = [token, ...draft];
    this.rows = await this.engine.verify(Int32Array.from(this.verified), this.state);
    this.read = 1;
    return this.row(0);
  }

  /** Brings the state to the last token that was read. */
  private async settle(): Promise<void> {
    if (this.read > 0) await this.engine.accept(this.read, this.state);
    this.read = 0;
    this.verified = [];
  }

  private row(index: number): Float32Array {
    const { vocabSize } = this.engine.info;
    return this.rows.subarray(index * vocabSize, (index + 1) * vocabSize);
  }
}

/** The decoder that suits what the engine can do. `prompt` is what `state` has read. */
export function createDecoder(
  engine: Engine,
  state: RecurrentState,
  prompt: Int32Array | undefined,
  isStop: (token: number) => boolean,
): Decoder {
  const { maxDraftTokens } = engine.info;
  if (!prompt || maxDraftTokens === undefined || !canDraft(engine))
    return new PlainDecoder(engine, state);
  return new DraftDecoder(engine, state, prompt, maxDraftTokens, isStop);
}

function canDraft(engine: Engine): engine is DraftingEngine {
  return engine.verify !== undefined && engine.accept !== undefined;
}

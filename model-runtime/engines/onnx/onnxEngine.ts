import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelConfig } from '../../model/config';
import type { ModelWeights } from '../../model/weights';
import { RuntimeError } from '../../protocol/errors';
import type { EngineInfo } from '../../protocol/messages';
import type { Engine, PrefillOptions, RecurrentState } from '../engine';
import type { Arithmetic } from './matrixOps';
import { GRAPH_VALUES, writeModelGraph } from './modelGraph';
import { OnnxRecurrentState } from './onnxState';
import { createSession, loadOnnxRuntime, runFailure, type OnnxRuntime } from './onnxSession';
import { StatePool } from './statePool';

export interface OnnxEngineOptions {
  /** Threads of one run, the calling one included. */
  threads: number;
  /** Default `int8`; see docs/onnx-engine.md for what it costs and gains. */
  arithmetic?: Arithmetic;
}

const MAX_CHUNK_TOKENS = 64;
/** Freed states kept for the next steps: one to write into, one more for a snapshot that was given up. */
const MAX_FREE_STATES = 2;

/**
 * The model on onnxruntime's CPU kernels. A run blocks the calling thread until it ends.
 * Throws `engineUnavailable` where onnxruntime does not load or refuses the model, and `outOfMemory`.
 */
export async function createOnnxEngine(
  weights: ModelWeights,
  options: OnnxEngineOptions,
): Promise<Engine> {
  const arithmetic = options.arithmetic ?? 'int8';
  const ort = await loadOnnxRuntime();
  const session = await createSession(ort, writeGraph(weights, arithmetic), options.threads);
  return new OnnxEngine(ort, session, weights, options.threads, arithmetic);
}

function writeGraph(weights: ModelWeights, arithmetic: Arithmetic) {
  try {
    return writeModelGraph(weights, arithmetic);
  } catch (error) {
    throw runFailure('writing the model for onnxruntime', error);
  }
}

class OnnxEngine implements Engine {
  readonly info: EngineInfo;
  private readonly config: ModelConfig;
  private readonly pool: StatePool;
  private readonly firstRow: Tensor;
  private session: InferenceSession | undefined;

  constructor(
    private readonly ort: OnnxRuntime,
    session: InferenceSession,
    weights: ModelWeights,
    threads: number,
    arithmetic: Arithmetic,
  ) {
    this.session = session;
    // The weights themselves are onnxruntime's by now: their memory may be freed.
    this.config = weights.config;
    this.pool = new StatePool(ort, weights.config, MAX_FREE_STATES);
    this.firstRow = this.rowsTensor([0]);
    const quantized = weights.head.kind === 'int8';
    this.info = {
      name: 'onnx',
      device: threads === 1 ? 'CPU, 1 thread' : `CPU, ${threads} threads`,
      threads,
      weights: quantized ? 'int8' : 'f32',
      arithmetic: quantized ? arithmetic : 'f32',
      vocabSize: weights.config.vocabSize,
      maxChunkTokens: MAX_CHUNK_TOKENS,
      stateSizeBytes: this.pool.sizeBytes,
    };
  }

  createState(): RecurrentState {
    return new OnnxRecurrentState(this.pool, this.config);
  }

  async prefill(
    tokens: Int32Array,
    state: RecurrentState,
    options: PrefillOptions = {},
  ): Promise<Float32Array> {
    if (tokens.length === 0 || tokens.length > MAX_CHUNK_TOKENS) {
      throw new RuntimeError(
        'internal',
        `A prefill takes 1 to ${MAX_CHUNK_TOKENS} tokens, not ${tokens.length}.`,
      );
    }
    const rows =
      options.rows === 'all'
        ? this.rowsTensor(Array.from(tokens.keys()))
        : this.rowsTensor([tokens.length - 1]);
    return this.run(tokens, rows, state, options.signal);
  }

  async decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array> {
    return this.run(Int32Array.of(token), this.firstRow, state, signal);
  }

  async dispose(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.pool.clear();
    await session?.release();
  }

  private async run(
    tokens: Int32Array,
    rows: Tensor,
    state: RecurrentState,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    const { session } = this;
    if (session === undefined) {
      throw new RuntimeError('internal', 'The engine was used after it was disposed.');
    }
    const live = this.ownState(state);
    this.checkTokens(tokens);
    const next = this.pool.acquire();
    try {
      const logits = new Float32Array(rows.size * this.info.vocabSize);
      const { current } = live;
      await session.run(
        {
          ...current.inputs,
          [GRAPH_VALUES.tokens]: new this.ort.Tensor('int32', tokens, [1, tokens.length]),
          [GRAPH_VALUES.rows]: rows,
        },
        {
          ...next.outputs,
          [GRAPH_VALUES.logits]: new this.ort.Tensor('float32', logits, [
            1,
            rows.size,
            this.info.vocabSize,
          ]),
        },
      );
      live.advance(next);
      return logits;
    } catch (error) {
      next.release();
      throw runFailure('running the model', error);
    }
  }

  private ownState(state: RecurrentState): OnnxRecurrentState {
    if (state instanceof OnnxRecurrentState && state.pool === this.pool) return state;
    throw new RuntimeError('internal', 'The recurrent state belongs to another engine.');
  }

  /** The graph reads rows of the embedding without a check of its own. */
  private checkTokens(tokens: Int32Array): void {
    for (const token of tokens) {
      if (token < 0 || token >= this.info.vocabSize) {
        throw new RuntimeError('internal', `Token ${token} is not in the vocabulary.`);
      }
    }
  }

  private rowsTensor(rows: number[]): Tensor {
    return new this.ort.Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]);
  }
}

import { linearReference, readRow } from '../../../kernels/linear/linear.reference';
import { rmsNormReference } from '../../../kernels/rms_norm/rms_norm.reference';
import { isMamba2, type ModelWeights } from '../../model/weights';
import type { EngineInfo } from '../../protocol/messages';
import { RuntimeError } from '../../protocol/errors';
import type { Engine, PrefillOptions, RecurrentState } from '../engine';
import { mamba1Block } from './mamba1Block';
import { mamba2Block } from './mamba2Block';
import { ReferenceState, layerStateSizes } from './referenceState';

const MAX_CHUNK_TOKENS = 64;

/**
 * The engine every other one is checked against: plain loops over the kernels' references, f64 throughout, state in
 * f64. It reads `weights` in place and blocks its thread while it runs.
 * Its calls throw `internal` for tokens outside the vocabulary, a chunk of a wrong size, or another engine's state.
 */
export function createReferenceEngine(weights: ModelWeights): Engine {
  return new ReferenceEngine(weights);
}

class ReferenceEngine implements Engine {
  readonly info: EngineInfo;
  readonly #weights: ModelWeights;

  constructor(weights: ModelWeights) {
    const { config } = weights;
    const { conv, ssm } = layerStateSizes(config);
    this.#weights = weights;
    this.info = {
      name: 'reference',
      device: 'CPU, 1 thread, plain loops',
      threads: 1,
      weights: weights.embedding.kind,
      arithmetic: 'f64',
      vocabSize: config.vocabSize,
      maxChunkTokens: MAX_CHUNK_TOKENS,
      stateSizeBytes: config.nLayer * (conv + ssm) * Float64Array.BYTES_PER_ELEMENT,
    };
  }

  createState(): RecurrentState {
    return new ReferenceState(this.#weights.config);
  }

  // An async function turns what it throws into a rejection, as callers of the interface expect.
  // eslint-disable-next-line @typescript-eslint/require-await
  async prefill(
    tokens: Int32Array,
    state: RecurrentState,
    { rows = 'last', signal }: PrefillOptions = {},
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    if (!(state instanceof ReferenceState)) throw misuse('got the state of another engine');
    if (tokens.length < 1 || tokens.length > MAX_CHUNK_TOKENS) {
      throw misuse(`reads 1 to ${MAX_CHUNK_TOKENS} tokens at a time, not ${tokens.length}`);
    }
    const h = this.#embed(tokens);
    this.#runLayers(h, state);
    const { dModel } = this.#weights.config;
    return this.#logits(rows === 'all' ? h : h.subarray(h.length - dModel));
  }

  decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array> {
    return this.prefill(Int32Array.of(token), state, signal === undefined ? {} : { signal });
  }

  async dispose(): Promise<void> {
    // The weights belong to whoever loaded them.
  }

  /** The tokens' rows of the embedding, `[L, dModel]`. */
  #embed(tokens: Int32Array): Float64Array {
    const { embedding, config } = this.#weights;
    const h = new Float64Array(tokens.length * config.dModel);
    for (const [l, token] of tokens.entries()) {
      if (token < 0 || token >= config.vocabSize) {
        throw misuse(`was given token ${token} of a vocabulary of ${config.vocabSize}`);
      }
      readRow(embedding, token, h.subarray(l * config.dModel, (l + 1) * config.dModel));
    }
    return h;
  }

  /** Adds every block's output to the residual stream `h` in place. */
  #runLayers(h: Float64Array, state: ReferenceState): void {
    const weights = this.#weights;
    for (const [i, buffers] of state.layers.entries()) {
      const block = isMamba2(weights)
        ? mamba2Block(h, at(weights.layers, i), weights.config, buffers)
        : mamba1Block(h, at(weights.layers, i), weights.config, buffers);
      block.forEach((value, j) => (h[j] = (h[j] ?? 0) + value));
    }
  }

  #logits(h: Float64Array): Float32Array {
    const { normF, head, config } = this.#weights;
    return Float32Array.from(linearReference(head, rmsNormReference(h, normF, config.normEpsilon)));
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw misuse(`has a state for a layer ${index} it does not have`);
  return item;
}

function misuse(problem: string): RuntimeError {
  return new RuntimeError(
    'internal',
    `The reference engine ${problem}. This is a bug; please report it.`,
  );
}

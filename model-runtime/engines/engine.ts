import type { EngineInfo } from '../protocol/messages';
import type { SampledToken, SamplingOptions, TopK } from '../sampling/sample';

/** The recurrent state of one layer in the canonical layout, whatever the engine keeps inside. */
export interface LayerState {
  /** `[channels, dConv - 1]`, oldest input first. */
  conv: Float32Array;
  /** Mamba-2 `[nHeads, headDim, dState]`, Mamba-1 `[dInner, dState]`. */
  ssm: Float32Array;
}

/** An immutable copy of a state. Its owner disposes it; it may be restored into any state of the same engine. */
export interface StateSnapshot {
  readonly sizeBytes: number;
  /**
   * Rounds the state to 16-bit floating point, which halves `sizeBytes`; a second call changes nothing. What is restored from
   * then on gives logits within a relative L2 of 1e-3 of the former ones. Engines without it keep all bits.
   */
  compact?(): void;
  dispose(): void;
}

/** The live state of one sequence. It has one owner. A new state is all zeros: nothing read yet. */
export interface RecurrentState {
  readonly sizeBytes: number;
  snapshot(): StateSnapshot;
  /** Bit-identical, if it was not compacted: the same tokens give the same logits as when the snapshot was taken. */
  restore(snapshot: StateSnapshot): void;
  /** Back to zeros. */
  reset(): void;
  /** A copy, for tests and diagnosis. */
  exportLayer(layer: number): Promise<LayerState>;
  dispose(): void;
}

export interface PrefillOptions {
  /**
   * Which positions' logits are wanted: only the last one's (default), every one's, or none's: an engine that computes them all
   * the same returns the last one's.
   */
  rows?: 'last' | 'all' | 'none';
  signal?: AbortSignal;
}

/** Tokens to read on from a state of their own. */
export interface Sequence {
  tokens: Int32Array;
  state: RecurrentState;
}

export interface ChooseOptions {
  /** Default greedy. One number is taken from `random` for each token, in order, and some more at the end. */
  sampling?: SamplingOptions | undefined;
  /** No more than so many are chosen. */
  maxTokens?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the model. Both calls advance `state` in place; a caller that needs the earlier point takes a snapshot first.
 * A call that is aborted before it starts throws the signal's reason and leaves the state as it was; an engine that can
 * also gives a prefill up within the call, with the same effect.
 * Calls are not made concurrently.
 */
export interface Engine {
  readonly info: EngineInfo;
  createState(): RecurrentState;
  /**
   * Reads 1 to `info.maxChunkTokens` tokens.
   * Returns logits `[1, V]`, `[tokens.length, V]` or nothing (see `rows`), row-major; the caller owns the array.
   */
  prefill(
    tokens: Int32Array,
    state: RecurrentState,
    options?: PrefillOptions,
  ): Promise<Float32Array>;
  /** Reads one token. Returns logits `[V]`; the caller owns the array. */
  decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Reads 1 to `info.maxDraftTokens` tokens without advancing `state`. Returns logits `[tokens.length, V]`. Engines whose
   * `info` has no `maxDraftTokens` do not have this.
   */
  verify?(tokens: Int32Array, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Advances `state` by the first `count` tokens of the `verify` just before, without their products. The state after it
   * is the one that `prefill` of these tokens gives.
   */
  accept?(count: number, state: RecurrentState): Promise<void>;
  /**
   * What this engine found out about a row of logits `[V]` that it returned and nobody has changed, for `sample`. Undefined for other rows.
   * Engines without it leave the search to the caller.
   */
  topK?(logits: Float32Array): TopK | undefined;
  /**
   * Reads `token` and then each token that it chooses itself; yields them in groups of its own size. They are those that
   * `decode` and `sample` give. `state` ends up ahead of what was yielded. Engines without it leave the choice to the caller.
   */
  chooseTokens?(
    token: number,
    state: RecurrentState,
    options?: ChooseOptions,
  ): AsyncGenerator<SampledToken[], void, void>;
  /**
   * Reads 1 to `info.maxSequences` sequences in one pass, without padding: at least one token each, together at most
   * `info.maxChunkTokens`. Each state becomes what `prefill` makes of it. Returns logits `[sequences.length, V]`, of the last
   * tokens. Not every engine with `decodeMany` has it.
   */
  prefillMany?(sequences: readonly Sequence[], signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Reads one token into each of 1 to `info.maxSequences` different states, as `decode`, in one pass. Returns logits
   * `[tokens.length, V]`. Engines whose `info` has no `maxSequences` do not have this.
   */
  decodeMany?(
    tokens: Int32Array,
    states: readonly RecurrentState[],
    signal?: AbortSignal,
  ): Promise<Float32Array>;
  /**
   * Takes as many threads as are fastest on this machine right now; resolves to whether that changed their number. Throws the
   * signal's reason when it aborts, and goes on with those it had. Engines without it have nothing to choose.
   */
  chooseThreads?(signal?: AbortSignal): Promise<boolean>;
  /**
   * Does what makes all that follows faster and would delay the first tokens, once: to be called when nothing else is to be done. Throws the
   * signal's reason when it aborts, and goes on from there the next time.
   */
  settle?(signal?: AbortSignal): Promise<void>;
  dispose(): Promise<void>;
}

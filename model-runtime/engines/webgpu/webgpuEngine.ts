import { ROW_THREADS, type RowThreads } from '../../../kernels/linear/matrix_shape';
import type { ModelWeights } from '../../model/weights';
import { RuntimeError } from '../../protocol/errors';
import type { EngineInfo } from '../../protocol/messages';
import type { Engine, PrefillOptions, RecurrentState } from '../engine';
import { openGpu, type GpuContext } from './gpuContext';
import { createModelProgram, RING_LENGTH, RING_WORDS, type ModelProgram } from './modelProgram';
import type { OpenAdapterOptions } from './openAdapter';
import { record } from './pipelines';
import { StateBuffers } from './stateBuffers';
import { requireSupported } from './supportedModels';
import { WebgpuState } from './webgpuState';

export interface WebgpuEngineOptions extends OpenAdapterOptions {
  /** A device that is open already; it is the engine's from now on, also when the engine cannot be made. */
  gpu?: GpuContext;
  /** Most tokens of one prefill call; default as many as take CHUNK_MS here. */
  maxChunkTokens?: number;
  /** How matrices and vectors are spread over threads in decode. */
  rowThreads?: RowThreads;
}

/** A token chosen on the device. */
export interface ChosenToken {
  token: number;
  /** Natural log of the model's probability of it. */
  logProbability: number;
}

export interface GreedyOptions {
  /** Tokens of one submission, at most RING_LENGTH; cancelling waits for as many. */
  tokensPerSubmit?: number;
  signal?: AbortSignal | undefined;
}

const DEFAULT_TOKENS_PER_SUBMIT = 8;

/** How long a key has to wait at most until a prefill makes room for it. */
const CHUNK_MS = 25;
/** Scratch memory grows with it: 80 MB for the shipped model. */
const MOST_CHUNK_TOKENS = 2048;
const LEAST_CHUNK_TOKENS = 64;

/**
 * The model on our own WGSL kernels on the user's GPU; weights, states and snapshots are GPU buffers. The weights are copied;
 * `weights` is not kept. Throws `engineUnavailable` without a usable GPU, `outOfMemory`.
 */
export async function createWebgpuEngine(
  weights: ModelWeights,
  options: WebgpuEngineOptions = {},
): Promise<WebgpuEngine> {
  const gpu = options.gpu ?? (await openGpu(options));
  const maxChunkTokens = options.maxChunkTokens ?? MOST_CHUNK_TOKENS;
  try {
    requireSupported(weights.config);
    const program = await createModelProgram(weights, gpu, {
      maxChunkTokens,
      rowThreads: options.rowThreads ?? ROW_THREADS,
    });
    const engine = new WebgpuEngine(weights, program, maxChunkTokens);
    if (options.maxChunkTokens === undefined) await chooseChunkTokens(engine);
    gpu.throwIfFailed();
    return engine;
  } catch (error) {
    gpu.dispose();
    throw error;
  }
}

export class WebgpuEngine implements Engine {
  readonly info: EngineInfo;
  private readonly gpu: GpuContext;
  private readonly states: StateBuffers;
  private readonly logitsStaging: GPUBuffer;
  private readonly ringStagings: readonly [GPUBuffer, GPUBuffer];

  constructor(
    { config, head }: ModelWeights,
    private readonly program: ModelProgram,
    maxChunkTokens: number,
  ) {
    const { gpu, layout, pipelines } = program;
    this.gpu = gpu;
    this.states = new StateBuffers(gpu, layout, pipelines.stateLayout);
    this.logitsStaging = gpu.staging(config.vocabSize * 4, 'logits to read');
    const ringStaging = () => gpu.staging(RING_WORDS * 4, 'ring to read');
    this.ringStagings = [ringStaging(), ringStaging()];
    this.info = {
      name: 'webgpu',
      device: gpu.adapterName,
      features: gpu.features,
      threads: 1,
      weights: head.kind,
      arithmetic: 'f32',
      vocabSize: config.vocabSize,
      maxChunkTokens,
      stateSizeBytes: layout.sizeBytes,
    };
  }

  createState(): RecurrentState {
    return new WebgpuState(this.states);
  }

  /** Not given up once it has started. */
  async prefill(
    tokens: Int32Array,
    state: RecurrentState,
    { rows = 'last', signal }: PrefillOptions = {},
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.checkTokens(tokens, this.info.maxChunkTokens);
    const all = rows === 'all' ? await this.program.allRows() : undefined;
    const { gpu, run, hidden, hiddenRows, prefill, head, logits } = this.program;
    const count = tokens.length;
    gpu.write(this.program.tokens, Int32Array.from(tokens));
    gpu.write(run, Uint32Array.of(count));
    const { bindings } = live.writable();
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, prefill, bindings, count);
    if (all) record(pass, all.steps, bindings, count);
    pass.end();
    if (all) return this.submitAndRead(encoder, all.logits, count);
    const rowBytes = hidden.size;
    encoder.copyBufferToBuffer(hiddenRows, (count - 1) * rowBytes, hidden, 0, rowBytes);
    const headPass = encoder.beginComputePass();
    record(headPass, head, bindings, 1);
    headPass.end();
    return this.submitAndRead(encoder, logits, 1);
  }

  async decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array> {
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.checkTokens([token], 1);
    const { gpu, decode, logits } = this.program;
    gpu.write(this.program.token, Uint32Array.of(token));
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, decode, live.writable().bindings, 1);
    pass.end();
    return this.submitAndRead(encoder, logits, 1);
  }

  /**
   * Reads `token` and then, without end, the most probable token after each; yields the chosen tokens of one submission after
   * the other while the next one runs. The device picks each token itself. `state` is ahead of what was yielded.
   */
  async *greedy(
    token: number,
    state: RecurrentState,
    { tokensPerSubmit = DEFAULT_TOKENS_PER_SUBMIT, signal }: GreedyOptions = {},
  ): AsyncGenerator<ChosenToken[], void, void> {
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.checkTokens([token], 1);
    if (tokensPerSubmit < 1 || tokensPerSubmit > RING_LENGTH) {
      throw new RuntimeError('internal', `Not ${String(tokensPerSubmit)} tokens in a submission.`);
    }
    this.gpu.write(this.program.token, Uint32Array.of(token));
    const submit = (staging: GPUBuffer) => this.submitGreedy(tokensPerSubmit, live, staging);
    const [first, second] = this.ringStagings;
    let running = submit(first);
    try {
      for (let isSecond = true; ; isSecond = !isSecond) {
        const finished = running;
        running = submit(isSecond ? second : first);
        yield await finished;
        signal?.throwIfAborted();
      }
    } finally {
      // Its memory is used again by the next call; what it says has no reader.
      await running.catch(() => undefined);
    }
  }

  async dispose(): Promise<void> {
    // Nothing to wait for; the interface lets engines with threads do so.
    await Promise.resolve();
    this.gpu.dispose();
  }

  /** Records and submits `count` tokens; resolves to them. */
  private async submitGreedy(
    count: number,
    live: WebgpuState,
    staging: GPUBuffer,
  ): Promise<ChosenToken[]> {
    const { decode, choose, ring } = this.program;
    const { device } = this.gpu;
    const { bindings } = live.writable();
    const encoder = device.createCommandEncoder();
    // The count of the tokens in the ring.
    encoder.clearBuffer(ring, 0, 4);
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) {
      record(pass, decode, bindings, 1);
      record(pass, choose, bindings, 1);
    }
    pass.end();
    const sizeBytes = (1 + 2 * count) * 4;
    encoder.copyBufferToBuffer(ring, 0, staging, 0, sizeBytes);
    device.queue.submit([encoder.finish()]);
    const view = new DataView(await this.gpu.read(staging, sizeBytes));
    return Array.from({ length: count }, (_, i) => ({
      token: view.getUint32(4 + 8 * i, true),
      logProbability: view.getFloat32(8 + 8 * i, true),
    }));
  }

  /** Submits and waits for `rows` rows of logits. */
  private async submitAndRead(
    encoder: GPUCommandEncoder,
    logits: GPUBuffer,
    rows: number,
  ): Promise<Float32Array> {
    const sizeBytes = rows * this.info.vocabSize * 4;
    const isOne = sizeBytes === this.logitsStaging.size;
    const staging = isOne ? this.logitsStaging : this.gpu.staging(sizeBytes, 'all logits to read');
    encoder.copyBufferToBuffer(logits, 0, staging, 0, sizeBytes);
    this.gpu.device.queue.submit([encoder.finish()]);
    const bytes = await this.gpu.read(staging, sizeBytes);
    if (!isOne) staging.destroy();
    return new Float32Array(bytes);
  }

  private checkTokens(tokens: Int32Array | number[], most: number): void {
    if (tokens.length === 0 || tokens.length > most) {
      throw new RuntimeError(
        'internal',
        `A pass takes 1 to ${String(most)} tokens, not ${String(tokens.length)}.`,
      );
    }
    for (const token of tokens) {
      if (token < 0 || token >= this.info.vocabSize) {
        throw new RuntimeError('internal', `Token ${String(token)} is not in the vocabulary.`);
      }
    }
  }

  private ownState(state: RecurrentState): WebgpuState {
    this.gpu.throwIfFailed();
    if (state instanceof WebgpuState && state.buffers === this.states) return state;
    throw new RuntimeError('internal', 'The recurrent state belongs to another engine.');
  }
}

/** Lets the engine read as many tokens at once as it can in CHUNK_MS. */
async function chooseChunkTokens(engine: WebgpuEngine): Promise<void> {
  const measured = MOST_CHUNK_TOKENS / 2;
  const state = engine.createState();
  // The first pass of a driver takes longer.
  await engine.prefill(new Int32Array(LEAST_CHUNK_TOKENS), state);
  const start = performance.now();
  await engine.prefill(new Int32Array(measured), state);
  const affordable = (measured * CHUNK_MS) / (performance.now() - start);
  const whole = Math.floor(affordable / LEAST_CHUNK_TOKENS) * LEAST_CHUNK_TOKENS;
  engine.info.maxChunkTokens = Math.max(LEAST_CHUNK_TOKENS, Math.min(MOST_CHUNK_TOKENS, whole));
  state.dispose();
}

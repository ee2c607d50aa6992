import { ROW_THREADS, type RowThreads } from '../../../kernels/linear/matrix_shape';
import type { Work } from '../../../kernels/lib/kernelSpec';
import { MOST_SEQUENCES, passWords, workOf } from '../../../kernels/lib/pass';
import { log } from '../../log';
import type { ModelConfig } from '../../model/config';
import type { ModelWeights } from '../../model/weights';
import { RuntimeError } from '../../protocol/errors';
import type { EngineInfo, WeightsChoice } from '../../protocol/messages';
import type { SampledToken, SamplingOptions } from '../../sampling/sample';
import type { ChooseOptions, Engine, PrefillOptions, RecurrentState, Sequence } from '../engine';
import { openGpu, type GpuContext, type OpenGpuOptions } from './gpuContext';
import { createModelProgram, RING_LENGTH, RING_WORDS, type ModelProgram } from './modelProgram';
import { record, type Step } from './pipelines';
import type { Products } from './products';
import { SubmissionSize } from './submissionSize';
import { StateBuffers } from './stateBuffers';
import { requireSupported } from './supportedModels';
import { WebgpuState } from './webgpuState';

export interface WebgpuEngineOptions extends OpenGpuOptions {
  /** A device that is open already; it is the engine's from now on, also when the engine cannot be made. */
  gpu?: GpuContext;
  /** Most tokens of one prefill call; default as many as take CHUNK_MS here. */
  maxChunkTokens?: number;
  /** How matrices and vectors are spread over threads in decode. */
  rowThreads?: RowThreads;
  /** Default `int8`: as shipped. `int4` makes the matrices inside the blocks half as large, as the cpu engine does. */
  weights?: WeightsChoice;
  /** In what prefill multiplies, one of the device's `products`; default the fastest, and f32 on a device in software. */
  products?: Products | 'fastest';
}

export interface WebgpuChooseOptions extends ChooseOptions {
  /** Tokens of one submission, at most RING_LENGTH; default as many as keep a cancelled request short. */
  tokensPerSubmit?: number;
}

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
    const isInt4 = options.weights === 'int4' && weights.head.kind === 'int8';
    const program = await createModelProgram(weights, gpu, {
      maxChunkTokens,
      rowThreads: options.rowThreads ?? ROW_THREADS,
      isInt4,
      products: options.products ?? (gpu.isSoftware ? 'f32' : 'fastest'),
    });
    const kind = isInt4 ? 'int4' : weights.head.kind;
    const engine = new WebgpuEngine(weights.config, kind, program, maxChunkTokens);
    if (program.productTimes) log('runtime.load', productsLine(program));
    if (options.maxChunkTokens === undefined) await chooseChunkTokens(engine);
    gpu.throwIfFailed();
    return engine;
  } catch (error) {
    gpu.dispose();
    throw error;
  }
}

const ARITHMETIC = { f32: 'f32', packed: 'int8', f16: 'f16' } as const;

export class WebgpuEngine implements Engine {
  readonly info: EngineInfo;
  private readonly gpu: GpuContext;
  private readonly states: StateBuffers;
  private readonly logitsStaging: GPUBuffer;
  private readonly ringStagings: readonly [GPUBuffer, GPUBuffer];
  private readonly submissionSize = new SubmissionSize();
  /** Ids under way that nobody reads any more. */
  private unread: Promise<unknown> = Promise.resolve();

  constructor(
    { vocabSize }: ModelConfig,
    weights: EngineInfo['weights'],
    private readonly program: ModelProgram,
    maxChunkTokens: number,
  ) {
    const { gpu, layout, pipelines, products, productTimes } = program;
    this.gpu = gpu;
    this.states = new StateBuffers(gpu, layout, pipelines.stateLayout);
    this.logitsStaging = gpu.staging(program.logits.size, 'logits to read');
    const ringStaging = () => gpu.staging(RING_WORDS * 4, 'ring to read');
    this.ringStagings = [ringStaging(), ringStaging()];
    this.info = {
      name: 'webgpu',
      device: gpu.adapterName,
      features: gpu.features,
      threads: 1,
      weights,
      arithmetic: ARITHMETIC[products],
      productTimes,
      vocabSize,
      maxChunkTokens,
      maxSequences: mostSequences(gpu, layout.sizeBytes),
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
    return this.read([{ tokens, state }], rows === 'all' ? 'all' : 'last', signal);
  }

  async prefillMany(sequences: readonly Sequence[], signal?: AbortSignal): Promise<Float32Array> {
    return this.read(sequences, 'last', signal);
  }

  async decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array> {
    return this.decodeMany(Int32Array.of(token), [state], signal);
  }

  async decodeMany(
    tokens: Int32Array,
    states: readonly RecurrentState[],
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    if (tokens.length !== states.length) {
      throw new RuntimeError('internal', 'There are not as many states as tokens.');
    }
    const bindings = this.sideBySide(states);
    this.checkTokens(tokens, states.length);
    const { gpu, decode, logits } = this.program;
    gpu.write(this.program.token, Int32Array.from(tokens));
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, decode, bindings, oneTokenOf(states.length));
    pass.end();
    return this.submitAndRead(encoder, logits, states.length);
  }

  /** Tokens of a submission are yielded while the next one runs. */
  async *chooseTokens(
    token: number,
    state: RecurrentState,
    { tokensPerSubmit, sampling, maxTokens = Infinity, signal }: WebgpuChooseOptions = {},
  ): AsyncGenerator<SampledToken[], void, void> {
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.checkTokens([token], 1);
    if (tokensPerSubmit !== undefined && (tokensPerSubmit < 1 || tokensPerSubmit > RING_LENGTH)) {
      throw new RuntimeError('internal', `Not ${String(tokensPerSubmit)} tokens in a submission.`);
    }
    // Its staging buffer is used again.
    await this.unread;
    this.gpu.write(this.program.token, Uint32Array.of(token));
    const choose = await this.chooser(sampling);
    let left = maxTokens;
    let isSecond = false;
    const submit = () => {
      const count = Math.min(left, tokensPerSubmit ?? this.submissionSize.tokens);
      if (count === 0) return undefined;
      left -= count;
      isSecond = !isSecond;
      return this.submitChoices(count, live, choose, this.ringStagings[isSecond ? 1 : 0]);
    };
    let running = submit();
    this.submissionSize.start();
    try {
      while (running) {
        const finished = running;
        running = submit();
        const chosen = await finished;
        this.submissionSize.note(chosen.length);
        yield chosen;
        signal?.throwIfAborted();
      }
    } finally {
      this.unread = Promise.resolve(running).catch(() => undefined);
    }
  }

  async dispose(): Promise<void> {
    this.gpu.dispose();
    await this.unread;
  }

  private async read(
    sequences: readonly Sequence[],
    rows: 'last' | 'all',
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    const bindings = this.sideBySide(sequences.map(({ state }) => state));
    const tokens = Int32Array.from(sequences.flatMap((sequence) => [...sequence.tokens]));
    const lengths = sequences.map((sequence) => sequence.tokens.length);
    if (lengths.includes(0)) throw new RuntimeError('internal', 'A sequence has no tokens.');
    this.checkTokens(tokens, this.info.maxChunkTokens);
    const all = rows === 'all' ? await this.program.allRows() : undefined;
    const { gpu, run, hidden, hiddenRows, prefill, head, logits } = this.program;
    const work = workOf(lengths);
    gpu.write(this.program.tokens, tokens);
    gpu.write(run, passWords(lengths));
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, prefill, bindings, work);
    if (all) record(pass, all.steps, bindings, work);
    pass.end();
    if (all) return this.submitAndRead(encoder, all.logits, tokens.length);
    const rowBytes = hidden.size / MOST_SEQUENCES;
    let end = 0;
    lengths.forEach((length, i) => {
      end += length;
      encoder.copyBufferToBuffer(hiddenRows, (end - 1) * rowBytes, hidden, i * rowBytes, rowBytes);
    });
    const headPass = encoder.beginComputePass();
    record(headPass, head, bindings, oneTokenOf(lengths.length));
    headPass.end();
    return this.submitAndRead(encoder, logits, lengths.length);
  }

  /** The steps that choose a token, and what the next `count` of them have to be given. */
  private async chooser(sampling: SamplingOptions | undefined): Promise<Chooser> {
    if (!sampling || sampling.temperature === 0) {
      return { steps: this.program.choose, prepare: () => undefined };
    }
    const { temperature, topP, topK = 0, random } = sampling;
    const { steps, sampler } = await this.program.draw();
    const prepare = (count: number) => {
      const numbers = Float32Array.from({ length: count }, random);
      this.gpu.write(sampler, Float32Array.of(temperature, topP, topK, ...numbers));
    };
    return { steps, prepare };
  }

  /** Records and submits `count` tokens; resolves to them. */
  private async submitChoices(
    count: number,
    live: WebgpuState,
    { steps, prepare }: Chooser,
    staging: GPUBuffer,
  ): Promise<SampledToken[]> {
    const { decode, ring } = this.program;
    const { device } = this.gpu;
    const { bindings } = live.writable();
    prepare(count);
    const encoder = device.createCommandEncoder();
    // The count of the tokens in the ring.
    encoder.clearBuffer(ring, 0, 4);
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) {
      record(pass, decode, bindings, oneTokenOf(1));
      record(pass, steps, bindings, oneTokenOf(1));
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
    const isSmall = sizeBytes <= this.logitsStaging.size;
    const staging = isSmall
      ? this.logitsStaging
      : this.gpu.staging(sizeBytes, 'all logits to read');
    encoder.copyBufferToBuffer(logits, 0, staging, 0, sizeBytes);
    this.gpu.device.queue.submit([encoder.finish()]);
    const bytes = await this.gpu.read(staging, sizeBytes);
    if (!isSmall) staging.destroy();
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

  private sideBySide(states: readonly RecurrentState[]): readonly GPUBindGroup[] {
    const { maxSequences = 1 } = this.info;
    if (states.length === 0 || states.length > maxSequences) {
      throw new RuntimeError(
        'internal',
        `A pass takes 1 to ${String(maxSequences)} sequences, not ${String(states.length)}.`,
      );
    }
    return WebgpuState.sideBySide(states.map((state) => this.ownState(state)));
  }

  private ownState(state: RecurrentState): WebgpuState {
    this.gpu.throwIfFailed();
    if (state instanceof WebgpuState && state.buffers === this.states) return state;
    throw new RuntimeError('internal', 'The recurrent state belongs to another engine.');
  }
}

interface Chooser {
  steps: readonly Step[];
  /** Called before each submission. */
  prepare: (count: number) => void;
}

function oneTokenOf(sequences: number): Work {
  return { tokens: sequences, sequences, chunks: sequences };
}

/** As many as kernels have room for and one binding reaches. */
function mostSequences({ device }: GpuContext, stateSizeBytes: number): number {
  const reachable = Math.floor(device.limits.maxStorageBufferBindingSize / stateSizeBytes);
  return Math.max(1, Math.min(MOST_SEQUENCES, reachable));
}

function productsLine({ products, productTimes = {} }: ModelProgram): string {
  const times = Object.entries(productTimes).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`);
  return `webgpu multiplies in ${products} where it reads: ${times.join(', ')} a product`;
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

import type { ModelConfig } from '../../model/config';
import type { ModelWeights } from '../../model/weights';
import { engineBytes, MOST_CPU_ENGINE_BYTES } from '../../model/memoryNeed';
import { RuntimeError } from '../../protocol/errors';
import type { EngineInfo } from '../../protocol/messages';
import type { TopK } from '../../sampling/sample';
import type { Engine, PrefillOptions, RecurrentState } from '../engine';
import { chooseThreads } from './chooseThreads';
import { loadCpuBuild, type CpuBuild } from './cpuBuild';
import { CpuState, type StateMemory } from './cpuState';
import { HalfSlots } from './halfSlots';
import { MemoryArea } from './memoryArea';
import {
  MAX_CHUNK_TOKENS,
  MAX_KEPT_TOKENS,
  MAX_SEQUENCES,
  planMemory,
  planWord,
  type MemoryPlan,
  type PackMatrix,
  type PlanFields,
} from './memoryPlan';
import { int4Packer } from './packInt4';
import { packInPlace } from './packInPlace';
import { packMatrix } from './packMatrix';
import { readTop } from './readTop';
import { StateSlots } from './stateSlots';
import { WorkerTeam } from './workerTeam';

/** What is needed before the weights. */
interface ProgramOptions {
  /** Threads of one pass; 0: as many as make a token faster here. */
  threads: number;
  /** Use the build without relaxed SIMD even where the other runs. */
  isPlain?: boolean;
  /** Folder with the built `cpu.*.wasm` and `cpuWorker.js`. */
  programFolder: string;
}

export interface CpuEngineOptions extends ProgramOptions {
  /** Default `int8`: as shipped. `int4` makes the matrices inside the blocks half as large; see docs/cpu-engine.md. */
  weights?: 'int8' | 'int4';
  /** What was made ready while the weights were read. */
  prepared?: PreparedCpu;
}

/** What the engine needs besides the weights. */
export interface PreparedCpu {
  /** The engine's memory: weights that are read into it need not be copied. */
  area: MemoryArea;
  build: CpuBuild;
  team: WorkerTeam;
  started: Promise<void>;
}

/**
 * Compiles the kernels, some milliseconds, and has the threads start, which takes as long as reading the weights. Whoever makes
 * no engine of it disposes the team. Throws `engineUnavailable`.
 */
export function prepareCpu({
  threads,
  programFolder,
  isPlain = false,
}: ProgramOptions): PreparedCpu {
  const area = new MemoryArea();
  const build = loadCpuBuild(programFolder, isPlain);
  const team = new WorkerTeam(area, build, programFolder);
  const started = team.resize(threads);
  // A failure is reported where the threads are needed, which may be much later.
  started.catch(() => undefined);
  return { area, build, team, started };
}

/**
 * The model on our own WebAssembly kernels. All computing is done by worker threads on one shared memory; the calling
 * thread stays free, so that a pass can be given up at any moment.
 * `weights` is not kept. It is copied, but for what lies in the prepared memory: that is rearranged, and `weights` cannot be
 * used any more. Throws `engineUnavailable` and `outOfMemory`.
 */
export async function createCpuEngine(
  weights: ModelWeights,
  options: CpuEngineOptions,
): Promise<CpuEngine> {
  requireSupported(weights.config);
  requireReach(engineBytes(weights.config, options.weights ?? 'int8'));
  const { area, build, team, started } = options.prepared ?? prepareCpu(options);
  try {
    const isInt4 = options.weights === 'int4' && weights.head.kind === 'int8';
    const { dModel, dInner } = weights.config;
    const packed = isInt4 ? undefined : packInPlace(weights, area, build);
    const pack: PackMatrix = (matrix) => packed?.get(matrix) ?? packMatrix(matrix, area, build);
    const packInner = isInt4 ? int4Packer(area, build, Math.max(dModel, dInner)) : pack;
    const plan = planMemory(weights, area, build, packInner, pack);
    team.follow(plan);
    const slots = new StateSlots(area, plan.state.sizeBytes);
    const memory: StateMemory = { area, slots, halves: new HalfSlots(slots), shape: plan.state };
    const engine = new CpuEngine(
      weights.config.vocabSize,
      isInt4 ? 'int4' : weights.head.kind,
      plan,
      memory,
      team,
    );
    await started;
    if (options.threads === 0) {
      await engine.settle();
      await chooseThreads(engine, team);
    }
    await compileNow(engine);
    return engine;
  } catch (error) {
    await team.dispose();
    throw error;
  }
}

export class CpuEngine implements Engine {
  constructor(
    private readonly vocabSize: number,
    private readonly weightKind: EngineInfo['weights'],
    private readonly plan: MemoryPlan,
    private readonly memory: StateMemory,
    private readonly team: WorkerTeam,
  ) {}

  /** What was found in the rows of logits that were returned, by their buffer. */
  private readonly tops = new WeakMap<ArrayBufferLike, TopK[]>();
  /** What the last `verify` left in the memory of kept inputs. */
  private verified: { state: CpuState; address: number; count: number } | undefined;

  get info(): EngineInfo {
    const threads = this.team.size;
    return {
      name: 'cpu',
      device: threads === 1 ? 'CPU, 1 thread' : `CPU, ${String(threads)} threads`,
      threads,
      weights: this.weightKind,
      arithmetic: this.weightKind === 'f32' ? 'f32' : 'int8',
      vocabSize: this.vocabSize,
      maxChunkTokens: MAX_CHUNK_TOKENS,
      maxDraftTokens: MAX_KEPT_TOKENS,
      maxSequences: MAX_SEQUENCES,
      stateSizeBytes: this.memory.slots.sizeBytes,
    };
  }

  createState(): RecurrentState {
    return new CpuState(this.memory);
  }

  /** Given up within a layer when the signal aborts; the state is then as it was. */
  async prefill(
    tokens: Int32Array,
    state: RecurrentState,
    options: PrefillOptions = {},
  ): Promise<Float32Array> {
    const { signal } = options;
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.writeTokens(tokens, MAX_CHUNK_TOKENS);
    this.verified = undefined;
    const logitRows = { none: 0, last: 1, all: tokens.length }[options.rows ?? 'last'];
    // The new state is written beside the old one, which stays valid until the whole pass is done.
    const next = this.memory.slots.acquire();
    try {
      this.setJob({ stateIn: live.address, stateOut: next.address, logitRows });
      const isGivenUp = await this.team.run('forward', signal);
      if (isGivenUp) throw signal?.reason;
    } catch (error) {
      next.release();
      throw error;
    }
    live.advance(next);
    return this.readLogits(logitRows);
  }

  async decode(token: number, state: RecurrentState, signal?: AbortSignal): Promise<Float32Array> {
    return this.decodeMany(Int32Array.of(token), [state], signal);
  }

  /** Not given up once it has started: it is a single token of each. */
  async decodeMany(
    tokens: Int32Array,
    states: readonly RecurrentState[],
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    if (tokens.length !== states.length || new Set(states).size !== states.length) {
      throw new RuntimeError('internal', 'Every token needs a state of its own.');
    }
    this.writeTokens(tokens, MAX_SEQUENCES);
    this.verified = undefined;
    const addresses = states.map((state) => this.ownState(state).writableAddress());
    this.memory.area.uint32(this.plan.stateTable, addresses.length).set(addresses);
    this.setJob({ states: this.plan.stateTable, logitRows: tokens.length });
    await this.team.run('forward');
    return this.readLogits(tokens.length);
  }

  async verify(
    tokens: Int32Array,
    state: RecurrentState,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    const live = this.ownState(state);
    this.verified = undefined;
    this.writeTokens(tokens, MAX_KEPT_TOKENS);
    this.setJob({ stateIn: live.address, stateOut: 0, logitRows: tokens.length });
    if (await this.team.run('forward', signal)) throw signal?.reason;
    this.verified = { state: live, address: live.address, count: tokens.length };
    return this.readLogits(tokens.length);
  }

  async accept(count: number, state: RecurrentState): Promise<void> {
    const live = this.ownState(state);
    const { verified } = this;
    if (verified?.state !== live || verified.address !== live.address) {
      throw new RuntimeError(
        'internal',
        'The state was not verified just before, or has moved on.',
      );
    }
    if (count < 1 || count > verified.count) {
      throw new RuntimeError(
        'internal',
        `Of ${verified.count} tokens ${count} cannot be accepted.`,
      );
    }
    this.verified = undefined;
    // In place, which saves reading what is written over anyway, unless a snapshot wants the state as it is.
    const next = live.isShared ? this.memory.slots.acquire() : undefined;
    const stateOut = (next ?? live).address;
    try {
      this.setJob({ tokenCount: count, stateIn: live.address, stateOut });
      await this.team.run('advance');
    } catch (error) {
      next?.release();
      throw error;
    }
    if (next) live.advance(next);
  }

  async settle(signal?: AbortSignal): Promise<void> {
    this.team.wakeApart();
    await this.memory.area.useLargePages(signal);
  }

  async chooseThreads(signal?: AbortSignal): Promise<boolean> {
    const before = this.team.size;
    await chooseThreads(this, this.team, signal);
    await compileNow(this);
    return this.team.size !== before;
  }

  dispose(): Promise<void> {
    return this.team.dispose();
  }

  private writeTokens(tokens: Int32Array, most: number): void {
    if (tokens.length === 0 || tokens.length > most) {
      throw new RuntimeError(
        'internal',
        `A pass takes 1 to ${String(most)} tokens, not ${String(tokens.length)}.`,
      );
    }
    for (const token of tokens) {
      if (token < 0 || token >= this.vocabSize) {
        throw new RuntimeError('internal', `Token ${String(token)} is not in the vocabulary.`);
      }
    }
    this.memory.area.int32(this.plan.fields.tokens, tokens.length).set(tokens);
    this.setJob({ tokenCount: tokens.length, states: 0 });
  }

  private setJob(fields: Partial<PlanFields>): void {
    const words = this.memory.area.uint32(this.plan.address, planWord('keptRows') + 1);
    for (const [name, value] of Object.entries(fields)) {
      words[planWord(name as keyof PlanFields)] = value;
    }
  }

  topK(logits: Float32Array): TopK | undefined {
    return this.tops.get(logits.buffer)?.[logits.byteOffset / (4 * this.vocabSize)];
  }

  /** A copy of the first `rows` rows of logits, without the padding. */
  private readLogits(rows: number): Float32Array {
    const { logits, logitsStride } = this.plan.fields;
    const out = new Float32Array(rows * this.vocabSize);
    for (let row = 0; row < rows; row++) {
      const from = this.memory.area.float32(logits + row * logitsStride * 4, this.vocabSize);
      out.set(from, row * this.vocabSize);
    }
    if (rows <= this.plan.fields.topRows) {
      const { area } = this.memory;
      const found = Array.from({ length: rows }, (_, row) => readTop(area, this.plan.fields, row));
      this.tops.set(out.buffer, found);
    }
    return out;
  }

  private ownState(state: RecurrentState): CpuState {
    if (state instanceof CpuState && state.memory === this.memory) return state;
    throw new RuntimeError('internal', 'The recurrent state belongs to another engine.');
  }
}

/** Functions are compiled when they are first called: better now than in the first request. */
async function compileNow(engine: CpuEngine): Promise<void> {
  const state = engine.createState();
  await engine.prefill(new Int32Array(3), state);
  await engine.decode(0, state);
  state.dispose();
}

/** Throws `engineUnavailable` for more bytes of weights than the engine's memory can hold. */
export function requireReach(bytes: number): void {
  if (bytes <= MOST_CPU_ENGINE_BYTES) return;
  const [has, most] = [bytes, MOST_CPU_ENGINE_BYTES].map((size) => (size / 1e9).toFixed(1));
  throw new RuntimeError(
    'engineUnavailable',
    `The cpu engine reaches ${most} GB of weights, the model has ${has} GB. ` +
      'Choose the engine onnx or auto in the settings; int4 weights make a model smaller by some 45 %.',
  );
}

/** The kernels work on fours of numbers. */
function requireSupported(config: ModelConfig): void {
  const sizes: [string, number][] = [
    ['dModel', config.dModel],
    ['dInner', config.dInner],
    ['dState', config.dState],
  ];
  if (config.architecture === 'mamba2') {
    sizes.push(['headDim', config.headDim], ['dInner / nGroups', config.dInner / config.nGroups]);
  }
  for (const [name, size] of sizes) {
    if (size % 4 !== 0) {
      throw new RuntimeError(
        'engineUnavailable',
        `The cpu engine needs ${name} to be a multiple of 4, not ${String(size)}. Choose another engine in the settings.`,
      );
    }
  }
}

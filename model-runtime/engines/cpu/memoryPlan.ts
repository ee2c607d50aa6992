import type { ModelConfig } from '../../model/config';
import type { Mamba1Layer, Mamba2Layer, Matrix, ModelWeights } from '../../model/weights';
import { isMamba2 } from '../../model/weights';
import { TOP_COUNT } from '../../sampling/sample';
import { MAX_THREADS } from './control';
import type { CpuBuild } from './cpuBuild';
import type { MemoryArea } from './memoryArea';
import { COLUMN_BLOCK, MATRIX_FIELDS, ROW_BLOCK, type PackedMatrix } from './packMatrix';
import { layerStateShape, type StateShape } from './stateShape';

/** Tokens of the largest pass: the weights are read once for all of them. */
export const MAX_CHUNK_TOKENS = 64;
/** Tokens of the largest pass whose inputs are kept instead of advancing the state. */
export const MAX_KEPT_TOKENS = 16;
/** Sequences of the largest pass that reads one token of each. */
export const MAX_SEQUENCES = 8;
/** Rows of logits whose largest are found. */
const TOP_ROWS = MAX_KEPT_TOKENS;

/** Fields of the WebAssembly side's Layer, in order, four bytes each (wasm/plan.as.ts). */
const LAYER_FIELDS = [
  'norm',
  'inProj',
  'inProjBias',
  'convWeight',
  'convBias',
  'xProj',
  'dtProj',
  'dtBias',
  'A',
  'D',
  'gatedNorm',
  'outProj',
  'outProjBias',
  'convStateOffset',
  'ssmStateOffset',
] as const;
type LayerFields = Record<(typeof LAYER_FIELDS)[number], number>;

/** Fields of Plan, in order; all are integers but `epsilon`, `dtMin` and `dtMax`. */
const PLAN_FIELDS = [
  'isMamba2',
  'layerCount',
  'dModel',
  'dInner',
  'dState',
  'keptInputs',
  'channels',
  'nHeads',
  'headDim',
  'nGroups',
  'dtRank',
  'vocabSize',
  'epsilon',
  'dtMin',
  'dtMax',
  'fewestPaired',
  'ones',
  'layers',
  'embedding',
  'normF',
  'head',
  'hidden',
  'hiddenStride',
  'normed',
  'digits',
  'blocks',
  'projected',
  'projectedStride',
  'convolved',
  'gated',
  'scores',
  'scoresStride',
  'lowRank',
  'lowRankStride',
  'steps',
  'stepsStride',
  'logits',
  'logitsStride',
  'own',
  'ownStride',
  'ownDigits',
  'ownBlocks',
  'ownScratch',
  'ownHead',
  'ownTop',
  'topBytes',
  'topCount',
  'topRows',
  'team',
  'tokens',
  'tokenCount',
  'stateIn',
  'stateOut',
  'states',
  'logitRows',
  'kept',
  'keptLayerBytes',
  'keptRows',
] as const;
export type PlanFields = Record<(typeof PLAN_FIELDS)[number], number>;

/** Index of a field in the structure's 32-bit words. */
export function planWord(field: keyof PlanFields): number {
  return PLAN_FIELDS.indexOf(field);
}

/** Words of the Team structure that the host touches (kernels/lib/team.as.ts); from `taken` on what each thread's share has lost. */
export const TEAM_WORDS = {
  cancel: 3,
  spins: 5,
  taken: 16,
  count: 16 * (1 + MAX_THREADS),
} as const;

export interface MemoryPlan {
  /** Address of the Plan structure. */
  address: number;
  /** Room for the states' addresses of a job that reads several sequences. */
  stateTable: number;
  fields: PlanFields;
  state: StateShape;
}

/** How a matrix is to be packed: as it is given, or made smaller first. */
export type PackMatrix = (matrix: Matrix, area: MemoryArea, build: CpuBuild) => PackedMatrix;

/** `packInner` packs the matrices inside the blocks, `packOuter` embedding and head. */
export function planMemory(
  weights: ModelWeights,
  area: MemoryArea,
  build: CpuBuild,
  packInner: PackMatrix,
  packOuter: PackMatrix,
): MemoryPlan {
  const { config } = weights;
  const writeMatrix = (packed: PackedMatrix) => writeWords(area, MATRIX_FIELDS, packed);
  const embedding = packOuter(weights.embedding, area, build);
  const head =
    weights.head === weights.embedding ? embedding : packOuter(weights.head, area, build);
  const state = layerStateShape(config);
  const inner = (matrix: Matrix) => writeMatrix(packInner(matrix, area, build));
  const layers = isMamba2(weights)
    ? weights.layers.map((layer) => mamba2Fields(layer, area, inner))
    : weights.layers.map((layer) => mamba1Fields(layer, weights.config, area, inner));
  const table = area.allocate(layers.length * LAYER_FIELDS.length * 4);
  layers.forEach((layer, index) => {
    const offsets = {
      convStateOffset: index * state.layerBytes,
      ssmStateOffset: index * state.layerBytes + state.convBytes,
    };
    const at = table + index * LAYER_FIELDS.length * 4;
    fillWords(area, at, LAYER_FIELDS, { ...layer, ...offsets });
  });
  const normF = area.store(weights.normF);
  const fields: PlanFields = {
    ...emptyFields(PLAN_FIELDS),
    ...sizes(config),
    layers: table,
    embedding: writeMatrix(embedding),
    normF,
    head: writeMatrix(head),
    ...workSpace(config, area),
    fewestPaired: build.fewestPaired,
    ones: onesOf(config, area),
    team: area.allocate(TEAM_WORDS.count * 4),
    tokens: area.allocate(MAX_CHUNK_TOKENS * 4),
  };
  const address = writeWords(area, PLAN_FIELDS, fields);
  const numbers = area.float32(address, PLAN_FIELDS.length);
  numbers[planWord('epsilon')] = config.normEpsilon;
  if (config.architecture === 'mamba2') {
    [numbers[planWord('dtMin')], numbers[planWord('dtMax')]] = config.dtLimit;
  }
  return { address, stateTable: area.allocate(MAX_SEQUENCES * 4), fields, state };
}

function sizes(config: ModelConfig) {
  const { dModel, dInner, dState, dConv, vocabSize, nLayer } = config;
  const common = { layerCount: nLayer, dModel, dInner, dState, keptInputs: dConv - 1, vocabSize };
  if (config.architecture === 'mamba1') {
    return { ...common, isMamba2: 0, channels: dInner, dtRank: config.dtRank };
  }
  const { nHeads, headDim, nGroups } = config;
  const channels = dInner + 2 * nGroups * dState;
  return { ...common, isMamba2: 1, channels, nHeads, headDim, nGroups };
}

function workSpace(config: ModelConfig, area: MemoryArea) {
  const { dModel, dInner, dState, vocabSize } = config;
  const numbers = (rows: number, width: number) => area.allocate(rows * width * 4);
  const isMamba1 = config.architecture === 'mamba1';
  const channels = isMamba1 ? dInner : dInner + 2 * config.nGroups * dState;
  const widest = Math.max(dModel, dInner);
  const blocks = Math.ceil(widest / COLUMN_BLOCK);
  const tokens = MAX_CHUNK_TOKENS;
  const projectedStride = padded(isMamba1 ? 2 * dInner : dInner + channels + config.nHeads);
  const lowRankStride = padded(isMamba1 ? config.dtRank + 2 * dState : 0);
  const stepsStride = isMamba1 ? padded(dInner) : 0;
  const logitsStride = padded(vocabSize);
  const stepNumbers = isMamba1 ? dInner + 2 * dState : config.nHeads;
  const keptLayerBytes = aligned(MAX_KEPT_TOKENS * (2 * channels + stepNumbers) * 4);

  const ownDigits = aligned(widest * 4);
  const ownBlocks = ownDigits + aligned(widest * 2);
  const ownScratch = ownBlocks + aligned(blocks * 8);
  const ownHead = ownScratch + aligned(widest * 50);
  const headNumbers = isMamba1
    ? ROW_BLOCK * ROW_BLOCK * dState
    : 3 * tokens + tokens * tokens + tokens * config.headDim;
  const ownTop = ownHead + aligned(headNumbers * 4);
  const topBytes = 16 + 8 * TOP_COUNT;
  const ownStride = ownTop + aligned(TOP_ROWS * topBytes) + ROW_BLOCK * 4;
  const start = area.allocate(0);
  const fields = {
    hidden: numbers(tokens, padded(dModel)),
    hiddenStride: padded(dModel),
    normed: numbers(tokens, widest),
    digits: area.allocate(tokens * widest * 2),
    blocks: area.allocate(tokens * blocks * 8),
    projected: numbers(tokens, projectedStride),
    projectedStride,
    convolved: numbers(tokens, channels),
    gated: numbers(tokens, dInner),
    scores: isMamba1 ? 0 : numbers(tokens * tokens, config.nGroups),
    scoresStride: tokens,
    lowRank: numbers(tokens, lowRankStride),
    lowRankStride,
    steps: numbers(tokens, stepsStride),
    stepsStride,
    logits: numbers(tokens, logitsStride),
    logitsStride,
    own: area.allocate(ownStride * MAX_THREADS),
    ownStride,
    ownDigits,
    ownBlocks,
    ownScratch,
    ownHead,
    ownTop,
    topBytes,
    topCount: TOP_COUNT,
    topRows: TOP_ROWS,
    kept: area.allocate(keptLayerBytes * config.nLayer),
    keptLayerBytes,
    keptRows: MAX_KEPT_TOKENS,
  };
  // Of what many tokens and many threads need, little may ever be used.
  area.markSparse(start);
  return fields;
}

function mamba2Fields(
  layer: Mamba2Layer,
  area: MemoryArea,
  pack: (matrix: Matrix) => number,
): LayerFields {
  return {
    ...emptyFields(LAYER_FIELDS),
    norm: area.store(layer.norm),
    inProj: pack(layer.inProj),
    ...biases(layer, area),
    ...convolution(layer, area),
    dtBias: area.store(layer.dtBias),
    A: area.store(layer.aLog.map((a) => -Math.exp(a))),
    D: area.store(layer.d),
    gatedNorm: area.store(layer.gatedNorm),
    outProj: pack(layer.outProj),
  };
}

function mamba1Fields(
  layer: Mamba1Layer,
  config: ModelConfig,
  area: MemoryArea,
  pack: (matrix: Matrix) => number,
): LayerFields {
  return {
    ...emptyFields(LAYER_FIELDS),
    norm: area.store(layer.norm),
    inProj: pack(layer.inProj),
    ...biases(layer, area),
    ...convolution(layer, area),
    xProj: pack(layer.xProj),
    dtProj: pack(layer.dtProj),
    dtBias: area.store(layer.dtBias),
    A: area.store(inFours(layer.aLog, config.dState).map((a) => -Math.exp(a))),
    D: area.store(layer.d),
    outProj: pack(layer.outProj),
  };
}

/** Filled up to whole blocks of rows, which are added as they are multiplied; 0 for none. */
function biases(layer: Mamba1Layer | Mamba2Layer, area: MemoryArea) {
  const store = (bias: Float32Array | undefined) => {
    if (bias === undefined) return 0;
    const filled = new Float32Array(padded(bias.length));
    filled.set(bias);
    return area.store(filled);
  };
  return { inProjBias: store(layer.inProjBias), outProjBias: store(layer.outProjBias) };
}

function onesOf(config: ModelConfig, area: MemoryArea): number {
  if (config.architecture === 'mamba1' || !config.normBeforeGate) return 0;
  return area.store(new Float32Array(config.headDim).fill(1));
}

/** `[C, W]` to `[W, C]`. */
function convolution(layer: Mamba1Layer | Mamba2Layer, area: MemoryArea) {
  const { convWeight, convBias } = layer;
  const channels = convBias.length;
  const taps = convWeight.length / channels;
  const weight = convWeight.map((_, i) => {
    const tap = Math.floor(i / channels);
    return convWeight[(i % channels) * taps + tap] ?? 0;
  });
  return { convWeight: area.store(weight), convBias: area.store(convBias) };
}

/** `[D, N]` to `[D / 4, N, 4]`. */
function inFours(values: Float32Array, dState: number): Float32Array {
  return values.map((_, i) => {
    const four = Math.floor(i / (4 * dState));
    const n = Math.floor(i / 4) % dState;
    return values[(four * 4 + (i % 4)) * dState + n] ?? 0;
  });
}

function padded(rows: number): number {
  return Math.ceil(rows / ROW_BLOCK) * ROW_BLOCK;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function emptyFields<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

function writeWords<Name extends string>(
  area: MemoryArea,
  names: readonly Name[],
  values: Record<Name, number>,
): number {
  const address = area.allocate(names.length * 4);
  fillWords(area, address, names, values);
  return address;
}

function fillWords<Name extends string>(
  area: MemoryArea,
  address: number,
  names: readonly Name[],
  values: Record<Name, number>,
): void {
  const words = area.uint32(address, names.length);
  names.forEach((name, i) => (words[i] = values[name]));
}

import type { ModelConfig } from './config';

/** One tensor that a model has to have, under its name in state-spaces/mamba. */
export interface TensorLayout {
  name: string;
  shape: readonly number[];
  /** `matrix` may be stored as int8 blocks, `NAME.scale` beside it; `dense` is stored in f32. */
  storage: 'matrix' | 'dense';
}

/** Suffix of the tensor with a quantized matrix's scales. */
export const SCALE_SUFFIX = '.scale';
export const EMBEDDING = 'backbone.embedding.weight';
export const NORM_F = 'backbone.norm_f.weight';
export const HEAD = 'lm_head.weight';

export function layerPrefix(layer: number): string {
  return `backbone.layers.${layer}`;
}

/** All tensors of a model with this configuration. A tied head has none of its own. */
export function tensorLayouts(config: ModelConfig): TensorLayout[] {
  const { dModel, vocabSize } = config;
  const layouts: TensorLayout[] = [
    { name: EMBEDDING, shape: [vocabSize, dModel], storage: 'matrix' },
    { name: NORM_F, shape: [dModel], storage: 'dense' },
  ];
  if (!config.tieEmbeddings) {
    layouts.push({ name: HEAD, shape: [vocabSize, dModel], storage: 'matrix' });
  }
  for (let layer = 0; layer < config.nLayer; layer++) {
    layouts.push(...layerLayouts(config, layerPrefix(layer)));
  }
  return layouts;
}

export function countParameters(config: ModelConfig): number {
  return tensorLayouts(config).reduce(
    (sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1),
    0,
  );
}

function layerLayouts(config: ModelConfig, prefix: string): TensorLayout[] {
  const { dModel, dInner, dState, dConv } = config;
  const mixer = `${prefix}.mixer`;
  const matrix = (name: string, ...shape: number[]): TensorLayout => ({
    name: `${mixer}.${name}`,
    shape,
    storage: 'matrix',
  });
  const dense = (name: string, ...shape: number[]): TensorLayout => ({
    name: `${mixer}.${name}`,
    shape,
    storage: 'dense',
  });
  const biases = config.hasProjectionBias
    ? [dense('in_proj.bias', inProjRows(config)), dense('out_proj.bias', dModel)]
    : [];
  const norm: TensorLayout = { name: `${prefix}.norm.weight`, shape: [dModel], storage: 'dense' };
  if (config.architecture === 'mamba1') {
    const { dtRank } = config;
    return [
      norm,
      matrix('in_proj.weight', inProjRows(config), dModel),
      dense('conv1d.weight', dInner, 1, dConv),
      dense('conv1d.bias', dInner),
      matrix('x_proj.weight', dtRank + 2 * dState, dInner),
      dense('dt_proj.weight', dInner, dtRank),
      dense('dt_proj.bias', dInner),
      dense('A_log', dInner, dState),
      dense('D', dInner),
      matrix('out_proj.weight', dModel, dInner),
      ...biases,
    ];
  }
  const { nHeads, nGroups } = config;
  const channels = dInner + 2 * nGroups * dState;
  return [
    norm,
    matrix('in_proj.weight', inProjRows(config), dModel),
    dense('conv1d.weight', channels, 1, dConv),
    dense('conv1d.bias', channels),
    dense('dt_bias', nHeads),
    dense('A_log', nHeads),
    dense('D', nHeads),
    dense('norm.weight', dInner),
    matrix('out_proj.weight', dModel, dInner),
    ...biases,
  ];
}

/** Mamba-1 x | z; Mamba-2 z | x | B | C | dt. */
function inProjRows(config: ModelConfig): number {
  const { dInner, dState } = config;
  if (config.architecture === 'mamba1') return 2 * dInner;
  return 2 * dInner + 2 * config.nGroups * dState + config.nHeads;
}

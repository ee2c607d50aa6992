import { buildWeights } from '../../model-runtime/model/buildWeights';
import type {
  Mamba1Config,
  Mamba2Config,
  ModelConfig,
  SpecialTokens,
} from '../../model-runtime/model/config';
import type { Tensor } from '../../model-runtime/model/safetensors';
import { tensorLayouts, type TensorLayout } from '../../model-runtime/model/tensorLayout';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { isQuantized } from '../../model-runtime/model/memoryNeed';
import { quantize } from '../../model-runtime/model/quantize';
import type { OutputTensor } from './safetensorsWriter';
import { createRandom, uniform, type Random } from './random';

const specialTokens: SpecialTokens = { endOfText: 0, fileSeparator: 1, fimSuffix: 2, fimMiddle: 3 };

/** A small Mamba-1; its sizes are all different, so that a mixed-up one shows. */
export function smallMamba1(sizes: Partial<Mamba1Config> = {}): Mamba1Config {
  const config: Mamba1Config = {
    architecture: 'mamba1',
    dModel: 32,
    nLayer: 3,
    vocabSize: 96,
    dInner: 64,
    dState: 8,
    dConv: 4,
    dtRank: 5,
    normEpsilon: 1e-5,
    tieEmbeddings: true,
    hasProjectionBias: false,
    specialTokens,
    ...sizes,
  };
  return config;
}

/** A small Mamba-2; `dInner` must be `nHeads * headDim`. */
export function smallMamba2(sizes: Partial<Mamba2Config> = {}): Mamba2Config {
  const config: Mamba2Config = {
    architecture: 'mamba2',
    dModel: 32,
    nLayer: 3,
    vocabSize: 96,
    dInner: 64,
    dState: 8,
    dConv: 4,
    headDim: 16,
    nHeads: 4,
    nGroups: 2,
    chunkSize: 16,
    normEpsilon: 1e-5,
    tieEmbeddings: true,
    hasProjectionBias: false,
    normBeforeGate: false,
    dtLimit: [0, Infinity],
    specialTokens,
    ...sizes,
  };
  return config;
}

/** Weights in the ranges of a trained model, quantized by the product's quantizer. The same seed gives the same model. */
export function randomModel(config: ModelConfig, seed: number): ModelWeights {
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, values } of randomTensors(config, seed)) {
    const bytes = new Uint8Array(values.byteLength);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    tensors.set(name, { dtype, shape, bytes });
  }
  return buildWeights(config, tensors, 'random model');
}

/** The tensors of `randomModel` as the product stores them. */
export function randomTensors(config: ModelConfig, seed: number): OutputTensor[] {
  const layouts = tensorLayouts(config);
  return randomSourceTensors(config, seed).flatMap((tensor, i): OutputTensor[] => {
    const { name, shape, values } = tensor;
    if (!isQuantized(layouts[i])) return [tensor];
    const [rows, cols] = shape;
    const { values: levels, scales } = quantize(values, rows, cols);
    return [
      { name, dtype: 'I8', shape, values: levels },
      { name: `${name}.scale`, dtype: 'F16', shape: [rows, cols / 32], values: scales },
    ];
  });
}

/** The same model before conversion: everything in f32. */
export function randomSourceTensors(
  config: ModelConfig,
  seed: number,
): (OutputTensor & { values: Float32Array<ArrayBuffer> })[] {
  const random = createRandom(seed);
  return tensorLayouts(config).map((layout) => ({
    name: layout.name,
    dtype: 'F32',
    shape: layout.shape,
    values: Float32Array.from(randomValues(layout, random)),
  }));
}

function randomValues({ name, shape }: TensorLayout, random: Random): Float64Array {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const between = (low: number, high: number) => uniform(random, length, low, high);
  if (name.endsWith('A_log')) return between(0, 16).map((a) => Math.log(1 + a));
  if (name.endsWith('norm.weight') || name.endsWith('norm_f.weight')) return between(0.5, 1.5);
  // softplus of these: steps from 0.007 to 0.3, so that states neither vanish nor stand still.
  if (name.endsWith('dt_bias') || name.endsWith('dt_proj.bias')) return between(-5, -1);
  if (name.endsWith('proj.bias')) return between(-0.3, 0.3);
  if (name.endsWith('.D')) return between(-1, 1);
  if (name.endsWith('conv1d.weight') || name.endsWith('conv1d.bias')) return between(-0.6, 0.6);
  const fanIn = shape[shape.length - 1];
  const limit = Math.sqrt(3 / fanIn);
  return between(-limit, limit);
}

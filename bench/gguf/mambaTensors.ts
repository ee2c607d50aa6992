import {
  isMamba2,
  type Mamba1Layer,
  type Mamba2Layer,
  type Matrix,
  type ModelWeights,
} from '../../model-runtime/model/weights';
import {
  encodeF32,
  encodeMatrixF16,
  encodeMatrixF32,
  encodeQ4,
  encodeQ8,
  type GgmlType,
} from './ggmlTypes';
import type { GgufTensor } from './ggufFile';

/**
 * The weights under llama.cpp's names and shapes (its conversion/mamba.py): `A = -exp(aLog)` stored as such, D and A
 * of Mamba-2 as `[nHeads, 1]`, the gated norm as `[nGroups, dInner / nGroups]`. Vectors and convolutions stay f32,
 * as llama.cpp requires; int8 matrices become Q8_0 or exact f32 as `matrixType` says.
 */
export function mambaTensors(weights: ModelWeights, matrixType: GgmlType): GgufTensor[] {
  const matrix = (name: string, value: Matrix) => matrixTensor(name, value, matrixType);
  const tensors = [
    matrix('token_embd.weight', weights.embedding),
    vectorTensor('output_norm.weight', weights.normF),
  ];
  if (!weights.config.tieEmbeddings) tensors.push(matrix('output.weight', weights.head));
  if (isMamba2(weights)) {
    const { nGroups } = weights.config;
    weights.layers.forEach((layer, index) =>
      tensors.push(...mamba2LayerTensors(`blk.${index}`, layer, nGroups, matrix)),
    );
  } else {
    const { dState } = weights.config;
    weights.layers.forEach((layer, index) =>
      tensors.push(...mamba1LayerTensors(`blk.${index}`, layer, dState, matrix)),
    );
  }
  return tensors;
}

type MakeMatrix = (name: string, value: Matrix) => GgufTensor;

function mamba2LayerTensors(
  block: string,
  layer: Mamba2Layer,
  nGroups: number,
  matrix: MakeMatrix,
): GgufTensor[] {
  const groupSize = layer.gatedNorm.length / nGroups;
  return [
    ...sharedTensors(block, layer, matrix),
    vectorTensor(`${block}.ssm_a`, decayRates(layer.aLog), [1, layer.aLog.length]),
    vectorTensor(`${block}.ssm_d`, layer.d, [1, layer.d.length]),
    vectorTensor(`${block}.ssm_norm.weight`, layer.gatedNorm, [groupSize, nGroups]),
  ];
}

function mamba1LayerTensors(
  block: string,
  layer: Mamba1Layer,
  dState: number,
  matrix: MakeMatrix,
): GgufTensor[] {
  return [
    ...sharedTensors(block, layer, matrix),
    vectorTensor(`${block}.ssm_a`, decayRates(layer.aLog), [dState, layer.d.length]),
    vectorTensor(`${block}.ssm_d`, layer.d),
    matrix(`${block}.ssm_x.weight`, layer.xProj),
    matrix(`${block}.ssm_dt.weight`, layer.dtProj),
  ];
}

function sharedTensors(
  block: string,
  layer: Mamba1Layer | Mamba2Layer,
  matrix: MakeMatrix,
): GgufTensor[] {
  const channels = layer.convBias.length;
  const dConv = layer.convWeight.length / channels;
  return [
    vectorTensor(`${block}.attn_norm.weight`, layer.norm),
    matrix(`${block}.ssm_in.weight`, layer.inProj),
    matrix(`${block}.ssm_out.weight`, layer.outProj),
    vectorTensor(`${block}.ssm_conv1d.weight`, layer.convWeight, [dConv, channels]),
    vectorTensor(`${block}.ssm_conv1d.bias`, layer.convBias),
    vectorTensor(`${block}.ssm_dt.bias`, layer.dtBias),
  ];
}

function matrixTensor(name: string, matrix: Matrix, matrixType: GgmlType): GgufTensor {
  const dimensions = [matrix.cols, matrix.rows];
  if (matrixType === 'F16') {
    return { name, dimensions, type: 'F16', encode: () => encodeMatrixF16(matrix) };
  }
  if (matrixType === 'Q8_0' && matrix.kind === 'int8') {
    return { name, dimensions, type: 'Q8_0', encode: () => encodeQ8(matrix) };
  }
  if (matrixType === 'Q4_0' && matrix.kind === 'int8') {
    return { name, dimensions, type: 'Q4_0', encode: () => encodeQ4(matrix) };
  }
  return { name, dimensions, type: 'F32', encode: () => encodeMatrixF32(matrix) };
}

function vectorTensor(
  name: string,
  values: Float32Array,
  dimensions: readonly number[] = [values.length],
): GgufTensor {
  return { name, dimensions, type: 'F32', encode: () => encodeF32(values) };
}

/** A of the recurrence; computed in f64, rounded once. */
function decayRates(aLog: Float32Array): Float32Array {
  return aLog.map((value) => -Math.exp(value));
}

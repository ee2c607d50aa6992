import type { ModelConfig } from './config';
import { modelCorrupt } from './modelErrors';
import { DTYPE_BYTES, type Dtype, type Tensor } from './safetensors';
import {
  EMBEDDING,
  HEAD,
  NORM_F,
  SCALE_SUFFIX,
  countParameters,
  layerPrefix,
  tensorLayouts,
  type TensorLayout,
} from './tensorLayout';
import {
  QUANTIZATION_BLOCK,
  type Mamba1Layer,
  type Mamba2Layer,
  type Matrix,
  type ModelWeights,
} from './weights';

/**
 * Arranges the tensors of a converted model by their role; the arrays are views of the tensors' bytes.
 * Errors: `modelCorrupt` when a tensor is missing, unknown, or of another type or shape than `config` asks for.
 */
export function buildWeights(
  config: ModelConfig,
  tensors: ReadonlyMap<string, Tensor>,
  file: string,
): ModelWeights {
  const layouts = tensorLayouts(config);
  const matrices = new Map<string, Matrix>();
  const known = new Set<string>();
  for (const layout of layouts) {
    matrices.set(layout.name, readTensor(layout, tensors, file));
    known.add(layout.name).add(layout.name + SCALE_SUFFIX);
  }
  for (const name of tensors.keys()) {
    if (!known.has(name)) throw modelCorrupt(file, `tensor ${name} does not belong to the model`);
  }
  const matrix = (name: string): Matrix => {
    const found = matrices.get(name);
    if (found === undefined) throw modelCorrupt(file, `tensor ${name} is missing`);
    return found;
  };
  const dense = (name: string): Float32Array => {
    const found = matrix(name);
    if (found.kind !== 'f32') throw modelCorrupt(file, `tensor ${name} is not stored in f32`);
    return found.values;
  };
  const embedding = matrix(EMBEDDING);
  const common = {
    embedding,
    normF: dense(NORM_F),
    head: config.tieEmbeddings ? embedding : matrix(HEAD),
    parameters: countParameters(config),
    sizeBytes: [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
  const biases = (prefix: string) =>
    config.hasProjectionBias
      ? {
          inProjBias: dense(`${prefix}.mixer.in_proj.bias`),
          outProjBias: dense(`${prefix}.mixer.out_proj.bias`),
        }
      : {};
  const prefixes = Array.from({ length: config.nLayer }, (_, layer) => layerPrefix(layer));
  if (config.architecture === 'mamba1') {
    return {
      ...common,
      config,
      layers: prefixes.map((p) => ({ ...mamba1Layer(p, matrix, dense), ...biases(p) })),
    };
  }
  return {
    ...common,
    config,
    layers: prefixes.map((p) => ({ ...mamba2Layer(p, matrix, dense), ...biases(p) })),
  };
}

type FindMatrix = (name: string) => Matrix;
type FindDense = (name: string) => Float32Array;

function mamba1Layer(prefix: string, matrix: FindMatrix, dense: FindDense): Mamba1Layer {
  const mixer = `${prefix}.mixer`;
  return {
    norm: dense(`${prefix}.norm.weight`),
    inProj: matrix(`${mixer}.in_proj.weight`),
    convWeight: dense(`${mixer}.conv1d.weight`),
    convBias: dense(`${mixer}.conv1d.bias`),
    xProj: matrix(`${mixer}.x_proj.weight`),
    dtProj: matrix(`${mixer}.dt_proj.weight`),
    dtBias: dense(`${mixer}.dt_proj.bias`),
    aLog: dense(`${mixer}.A_log`),
    d: dense(`${mixer}.D`),
    outProj: matrix(`${mixer}.out_proj.weight`),
  };
}

function mamba2Layer(prefix: string, matrix: FindMatrix, dense: FindDense): Mamba2Layer {
  const mixer = `${prefix}.mixer`;
  return {
    norm: dense(`${prefix}.norm.weight`),
    inProj: matrix(`${mixer}.in_proj.weight`),
    convWeight: dense(`${mixer}.conv1d.weight`),
    convBias: dense(`${mixer}.conv1d.bias`),
    dtBias: dense(`${mixer}.dt_bias`),
    aLog: dense(`${mixer}.A_log`),
    d: dense(`${mixer}.D`),
    gatedNorm: dense(`${mixer}.norm.weight`),
    outProj: matrix(`${mixer}.out_proj.weight`),
  };
}

/** Vectors and the convolution come out as one-column or flattened dense matrices. */
function readTensor(
  layout: TensorLayout,
  tensors: ReadonlyMap<string, Tensor>,
  file: string,
): Matrix {
  const { name, shape, storage } = layout;
  const [rows = 1, ...rest] = shape;
  const cols = rest.reduce((product, extent) => product * extent, 1);
  const tensor = tensors.get(name);
  if (storage === 'matrix' && tensor?.dtype === 'I8') {
    const bytes = checked(tensor, name, 'I8', shape, file);
    const scaleName = name + SCALE_SUFFIX;
    const scaleShape = [rows, cols / QUANTIZATION_BLOCK];
    const scales = checked(tensors.get(scaleName), scaleName, 'F16', scaleShape, file);
    return {
      kind: 'int8',
      rows,
      cols,
      values: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      scales: new Uint16Array(scales.buffer, scales.byteOffset, scales.byteLength / 2),
    };
  }
  const bytes = checked(tensor, name, 'F32', shape, file);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return { kind: 'f32', rows, cols, values };
}

/** The bytes of a tensor that is there, has the type and shape, and lies at a multiple of its element's size. */
function checked(
  tensor: Tensor | undefined,
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  file: string,
): Uint8Array {
  if (tensor === undefined) throw modelCorrupt(file, `tensor ${name} is missing`);
  const found = `${tensor.dtype} [${tensor.shape.join(', ')}]`;
  const expected = `${dtype} [${shape.join(', ')}]`;
  if (found !== expected) throw modelCorrupt(file, `tensor ${name} is ${found}, not ${expected}`);
  const { bytes } = tensor;
  return bytes.byteOffset % DTYPE_BYTES[dtype] === 0 ? bytes : bytes.slice();
}

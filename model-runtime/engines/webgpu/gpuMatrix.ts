import { rowWords, type MatrixShape } from '../../../kernels/linear/matrix_shape';
import { packInt4 } from '../../../kernels/linear/quantize_int4';
import type { Matrix } from '../../model/weights';
import type { GpuContext } from './gpuContext';

/** A matrix in GPU memory, as lib/weight_words.wgsl describes it. */
export interface GpuMatrix {
  shape: MatrixShape;
  values: GPUBuffer;
  /** Without meaning for f32. */
  scales: GPUBuffer;
  /** Without meaning where `shape.hasBias` is not set. */
  bias: GPUBuffer;
}

export interface UploadOptions {
  /** A number that is added to each row's product. */
  bias?: Float32Array | undefined;
  /** The levels of an int8 matrix are those of int4 and are packed two a byte. */
  isInt4?: boolean;
}

export function uploadMatrix(
  gpu: GpuContext,
  matrix: Matrix,
  label: string,
  { bias, isInt4 = false }: UploadOptions = {},
): GpuMatrix {
  const { rows, cols } = matrix;
  const format = isInt4 && matrix.kind === 'int8' ? 'int4' : matrix.kind;
  const shape: MatrixShape = { rows, cols, format, hasBias: bias !== undefined };
  const biasBuffer = bias && gpu.upload(Float32Array.from(bias), `${label} bias`);
  if (matrix.kind === 'int8') {
    const scales = gpu.upload(ordinary(matrix.scales), `${label} scales`);
    const values = gpu.upload(isInt4 ? packInt4(matrix) : ordinary(matrix.values), label);
    return { shape, values, scales, bias: biasBuffer ?? scales };
  }
  const padded = paddedRows(matrix.values, rows, cols, rowWords(shape));
  const scales = gpu.storage(0, `${label} without scales`);
  return { shape, values: gpu.upload(padded, label), scales, bias: biasBuffer ?? scales };
}

/** Weights are never views of shared memory, which WebGPU would refuse. */
function ordinary<T extends ArrayBufferView>(view: T): T & ArrayBufferView<ArrayBuffer> {
  return view as T & ArrayBufferView<ArrayBuffer>;
}

function paddedRows(
  values: Float32Array,
  rows: number,
  cols: number,
  stride: number,
): Float32Array<ArrayBuffer> {
  const padded = new Float32Array(rows * stride);
  for (let r = 0; r < rows; r++) {
    padded.set(values.subarray(r * cols, (r + 1) * cols), r * stride);
  }
  return padded;
}

/** `[rows, cols]` to `[cols, rows]`. */
export function transposed(
  values: Float32Array,
  rows: number,
  cols: number,
): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) turned[c * rows + r] = values[r * cols + c] ?? 0;
  }
  return turned;
}

/** The convolution's taps `[width, channels]` and below them the bias, from `[channels, width]`. */
export function filterRows(weight: Float32Array, bias: Float32Array): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(weight.length + bias.length);
  rows.set(transposed(weight, bias.length, weight.length / bias.length));
  rows.set(bias, weight.length);
  return rows;
}

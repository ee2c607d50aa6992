import { decodeFloat16 } from '../../../kernels/lib/float16';
import { QUANTIZATION_BLOCK, type Matrix, type QuantizedMatrix } from '../../model/weights';
import type { GraphBuilder, Value } from './graphBuilder';
import { DataType } from './onnxSchema';

/** How quantized matrices are multiplied: weights made f32, or activations rounded to int8 in blocks of 32. */
export type Arithmetic = 'f32' | 'int8';

/** `accuracy_level` of com.microsoft.MatMulNBits: the arithmetic that it may use at the least. */
const ACCURACY_LEVEL = { f32: 1, int8: 4 } as const;

/** As `linear`, plus `bias` `[rows]` where there is one. */
export function linearWithBias(
  g: GraphBuilder,
  x: Value,
  name: string,
  matrix: Matrix,
  bias: Float32Array | undefined,
  arithmetic: Arithmetic,
): Value {
  const product = linear(g, x, name, matrix, arithmetic);
  if (bias === undefined) return product;
  return g.op('Add', [product, g.floats(`${name}.bias`, [matrix.rows], bias)]);
}

/** `[1, T, cols]` times the matrix transposed: `[1, T, rows]`. */
export function linear(
  g: GraphBuilder,
  x: Value,
  name: string,
  matrix: Matrix,
  arithmetic: Arithmetic,
): Value {
  if (matrix.kind === 'f32') {
    const weight = g.floats(name, [matrix.rows, matrix.cols], matrix.values);
    return g.contribOp('FusedMatMul', [x, weight], { transB: 1 });
  }
  const blocks = matrix.cols / QUANTIZATION_BLOCK;
  const values = quantizedValues(g, name, matrix, [matrix.rows, blocks, QUANTIZATION_BLOCK]);
  const scales = quantizedScales(g, name, matrix, [matrix.rows, blocks]);
  return g.contribOp('MatMulNBits', [x, values, scales], {
    K: matrix.cols,
    N: matrix.rows,
    bits: 8,
    block_size: QUANTIZATION_BLOCK,
    accuracy_level: ACCURACY_LEVEL[arithmetic],
  });
}

/** Rows of the matrix by `indices` `[1, T]`: `[1, T, cols]` in f32. */
export function embedding(g: GraphBuilder, indices: Value, name: string, matrix: Matrix): Value {
  if (matrix.kind === 'f32') {
    const table = g.floats(name, [matrix.rows, matrix.cols], matrix.values);
    return g.op('Gather', [table, indices], { axis: 0 });
  }
  // Three axes, as MatMulNBits has them, so that a tied head uses the same bytes.
  const blocks = matrix.cols / QUANTIZATION_BLOCK;
  const values = quantizedValues(g, name, matrix, [matrix.rows, blocks, QUANTIZATION_BLOCK]);
  const scales = quantizedScales(g, `${name}.rows`, matrix, [matrix.rows, blocks, 1]);
  const rows = g.contribOp('GatherBlockQuantized', [values, indices, scales], {
    bits: 8,
    block_size: QUANTIZATION_BLOCK,
    gather_axis: 0,
    quantize_axis: 2,
  });
  return g.reshape(rows, [1, -1, matrix.cols]);
}

/** The operators read unsigned bytes around 128, their default zero point for 8 bits. */
function quantizedValues(g: GraphBuilder, name: string, matrix: QuantizedMatrix, dims: number[]) {
  const { values } = matrix;
  return g.external(`${name}.values`, DataType.uint8, dims, values.length, (target) => {
    target.set(new Uint8Array(values.buffer, values.byteOffset, values.length));
    flipSignBits(target);
  });
}

/** q + 128 modulo 256 is q with its sign bit flipped: four at a time. `bytes` starts at a multiple of 64. */
function flipSignBits(bytes: Uint8Array<ArrayBuffer>): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ 0x80808080;
}

function quantizedScales(g: GraphBuilder, name: string, matrix: QuantizedMatrix, dims: number[]) {
  const { scales } = matrix;
  return g.external(`${name}.scales`, DataType.float, dims, scales.length * 4, (target) => {
    const floats = new Float32Array(target.buffer, target.byteOffset, scales.length);
    for (let i = 0; i < scales.length; i++) floats[i] = decodeFloat16(scales[i] ?? 0);
  });
}

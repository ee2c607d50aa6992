import { decodeFloat16 } from '../lib/float16';

/** `[rows, cols]` row-major in f32. */
export interface DenseRows {
  kind: 'f32';
  rows: number;
  cols: number;
  values: Float32Array;
}

/** `[rows, cols]` row-major int8, blocks of equal width along a row; `scales` are f16 bits `[rows, blocks]`. */
export interface QuantizedRows {
  kind: 'int8';
  rows: number;
  cols: number;
  values: Int8Array;
  scales: Uint16Array;
}

export type WeightRows = DenseRows | QuantizedRows;

/**
 * linear: the product of every token's vector with a weight matrix, plus `bias` [R] where there is one.
 *   y[l,r] = sum_c weight[r,c] x[l,c] + bias[r],   int8: weight[r,c] = values[r,c] f16(scales[r, c / blockWidth])
 * `weight` [R, C], `x` [L, C]; returns y [L, R]. Rows outside, tokens inside: each row is read out once.
 */
export function linearReference(
  weight: WeightRows,
  x: Float64Array,
  bias?: Float32Array,
): Float64Array {
  const { rows, cols } = weight;
  const seqLen = x.length / cols;
  const y = new Float64Array(seqLen * rows);
  const row = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    readRow(weight, r, row);
    const offset = bias === undefined ? 0 : bias[r];
    for (let l = 0; l < seqLen; l++) y[l * rows + r] = dot(row, x, l * cols) + offset;
  }
  return y;
}

/** Writes row `r` of `weight`, multiplied out, into `row` [C]. int8 times f16 is exact. */
export function readRow(weight: WeightRows, r: number, row: Float64Array): void {
  const { cols, values } = weight;
  if (weight.kind === 'f32') {
    for (let c = 0; c < cols; c++) row[c] = values[r * cols + c];
    return;
  }
  const { scales, rows } = weight;
  const blocks = scales.length / rows;
  const blockWidth = cols / blocks;
  for (let b = 0; b < blocks; b++) {
    const scale = decodeFloat16(scales[r * blocks + b]);
    for (let c = b * blockWidth; c < (b + 1) * blockWidth; c++) {
      row[c] = values[r * cols + c] * scale;
    }
  }
}

/** Four partial sums, since one would wait for each addition before the next: the tests of whole models need it. */
function dot(row: Float64Array, x: Float64Array, xStart: number): number {
  const inFours = row.length - (row.length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let c = 0; c < inFours; c += 4) {
    s0 += row[c] * x[xStart + c];
    s1 += row[c + 1] * x[xStart + c + 1];
    s2 += row[c + 2] * x[xStart + c + 2];
    s3 += row[c + 3] * x[xStart + c + 3];
  }
  for (let c = inFours; c < row.length; c++) s0 += row[c] * x[xStart + c];
  return s0 + s1 + s2 + s3;
}

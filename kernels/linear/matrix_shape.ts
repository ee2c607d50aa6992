/** How a matrix lies in GPU memory: row-major, rows padded to 16 bytes; see lib/weight_words.wgsl. */
export interface MatrixShape {
  rows: number;
  /** int8 and int4: a multiple of 32. */
  cols: number;
  format: MatrixFormat;
  /** A number is added to each row's product. */
  hasBias?: boolean;
}

export type MatrixFormat = 'f32' | 'int8' | 'int4';

const FORMAT_NUMBERS: Record<MatrixFormat, number> = { f32: 0, int8: 1, int4: 2 };
const WEIGHTS_A_WORD: Record<MatrixFormat, number> = { f32: 1, int8: 4, int4: 8 };

/** Words of 4 bytes in a row. */
export function rowWords({ cols, format }: MatrixShape): number {
  return Math.ceil(cols / WEIGHTS_A_WORD[format] / 4) * 4;
}

/** The overrides of lib/weight_words.wgsl. */
export function wordOverrides(shape: MatrixShape): Record<string, number> {
  return {
    FORMAT: FORMAT_NUMBERS[shape.format],
    COLS: shape.cols,
    ROW_WORDS: rowWords(shape),
  };
}

/** How a vector is normalised before it meets a matrix: as `groups` equal parts. */
export interface InputNorm {
  groups: number;
  epsilon: number;
}

/** Threads of a workgroup, and how many of them share a row; both powers of two. */
export interface RowThreads {
  workgroup: number;
  lanes: number;
}

/** Measured on one NVIDIA GPU; see docs/webgpu-engine.md. */
export const ROW_THREADS: RowThreads = { workgroup: 128, lanes: 32 };

/** The overrides of lib/row_product.wgsl. `cols` and `xStride`, numbers from one vector to the next, are multiples of 4. */
export function rowProductOverrides(
  shape: MatrixShape,
  norm: InputNorm | undefined,
  threads: RowThreads,
  xStride = shape.cols,
): Record<string, number> {
  return {
    FORMAT: FORMAT_NUMBERS[shape.format],
    ROWS: shape.rows,
    COLS: shape.cols,
    ROW_VECTORS: rowWords(shape) / 4,
    X_FOURS: shape.cols / 4,
    X_STRIDE: xStride / 4,
    HAS_BIAS: Number(shape.hasBias ?? false),
    GROUPS: norm?.groups ?? 0,
    EPSILON: norm?.epsilon ?? 0,
    WG: threads.workgroup,
    LANES: threads.lanes,
  };
}

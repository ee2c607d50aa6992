// Weights of one matrix as the host packed them. Field order: MATRIX_FIELDS in model-runtime/engines/cpu/packMatrix.ts.

export const MATRIX_F32: i32 = 0;
export const MATRIX_INT8: i32 = 1;
// 2 is int4, what is left when it is neither.

@unmanaged
export class Matrix {
  kind: i32;
  /** Blocks of 16 rows; the last one is filled up with zeros. */
  rowBlocks: i32;
  cols: i32;
  values: usize;
  /** 0 for f32. */
  scales: usize;
  /** What was added to each stored integer. */
  offset: i32;
}

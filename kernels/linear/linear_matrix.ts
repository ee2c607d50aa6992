import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import weightWords from '../lib/weight_words.wgsl';
import code from './linear_matrix.wgsl';
import { wordOverrides, type MatrixShape } from './matrix_shape';

export interface LinearMatrixOptions {
  /** Numbers from one token's vector to the next; default the matrix's columns. */
  xStride?: number;
  /** Adds to what `y` holds. */
  isAdded?: boolean;
}

export const ROWS_A_TILE = 64;
export const TOKENS_A_TILE = 128;

/** Bindings: values, scales, bias [rows] (any buffer without one), x [L, xStride], y [L, rows], Pass. */
export function linearMatrix(shape: MatrixShape, options: LinearMatrixOptions = {}): KernelSpec {
  const { xStride = shape.cols, isAdded = false } = options;
  return {
    name: 'linear_matrix',
    code: join(pass, weightWords, code),
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
    usesState: false,
    overrides: {
      ...wordOverrides(shape),
      ROWS: shape.rows,
      X_STRIDE: xStride,
      IS_ADDED: Number(isAdded),
      HAS_BIAS: Number(shape.hasBias ?? false),
    },
    dispatch: ({ tokens }) => [parts(shape.rows, ROWS_A_TILE), parts(tokens, TOKENS_A_TILE), 1],
  };
}

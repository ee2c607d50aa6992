import { join, type KernelSpec } from '../lib/kernelSpec';
import weightWords from '../lib/weight_words.wgsl';
import code from './linear_matrix.wgsl';
import type { MatrixShape } from './matrix_shape';
import { matrixTiles } from './matrix_tiles';

export interface LinearMatrixOptions {
  /** Numbers from one token's vector to the next; default the matrix's columns. */
  xStride?: number;
  /** Adds to what `y` holds. */
  isAdded?: boolean;
}

/** Bindings: values, scales, bias [rows] (any buffer without one), x [L, xStride], y [L, rows], Pass. */
export function linearMatrix(shape: MatrixShape, options: LinearMatrixOptions = {}): KernelSpec {
  const { xStride = shape.cols } = options;
  const spec = matrixTiles('linear_matrix', join(weightWords, code), shape, options);
  return { ...spec, overrides: { ...spec.overrides, X_STRIDE: xStride } };
}

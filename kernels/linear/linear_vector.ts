import rowProduct from '../lib/row_product.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import code from './linear_vector.wgsl';
import {
  ROW_THREADS,
  rowProductOverrides,
  type InputNorm,
  type MatrixShape,
  type RowThreads,
} from './matrix_shape';

export interface LinearVectorOptions {
  norm?: InputNorm | undefined;
  /** Adds to what `y` holds. */
  isAdded?: boolean;
  threads?: RowThreads;
  /** Numbers from one sequence's vector to the next; default the matrix's columns. */
  xStride?: number;
}

/** Bindings: values, scales, x [S, xStride], norm weight [cols], bias [rows] (any buffer without one), y [S, rows]. */
export function linearVector(shape: MatrixShape, options: LinearVectorOptions = {}): KernelSpec {
  const { norm, isAdded = false, threads = ROW_THREADS, xStride } = options;
  return {
    name: 'linear_vector',
    code: join(rowProduct, code),
    reduces: true,
    bindings: ['read', 'read', 'read', 'read', 'read', 'write'],
    usesState: false,
    overrides: { ...rowProductOverrides(shape, norm, threads, xStride), IS_ADDED: Number(isAdded) },
    dispatch: ({ sequences }) => [
      sequences,
      parts(shape.rows, threads.workgroup / threads.lanes),
      1,
    ],
  };
}

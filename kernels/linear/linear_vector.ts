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
}

/** Bindings: values, scales, x [cols], norm weight [cols] (any buffer without a norm), y [rows]. */
export function linearVector(shape: MatrixShape, options: LinearVectorOptions = {}): KernelSpec {
  const { norm, isAdded = false, threads = ROW_THREADS } = options;
  return {
    name: 'linear_vector',
    code: join(rowProduct, code),
    bindings: ['read', 'read', 'read', 'read', 'write'],
    usesState: false,
    overrides: { ...rowProductOverrides(shape, norm, threads), IS_ADDED: Number(isAdded) },
    dispatch: () => [parts(shape.rows, threads.workgroup / threads.lanes), 1, 1],
  };
}

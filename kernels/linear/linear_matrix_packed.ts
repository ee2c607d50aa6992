import type { KernelSpec } from '../lib/kernelSpec';
import code from './linear_matrix_packed.wgsl';
import type { LinearMatrixOptions } from './linear_matrix';
import type { MatrixShape } from './matrix_shape';
import { matrixTiles } from './matrix_tiles';

/** Bindings: values, scales, bias [rows] (any buffer without one), digits of quantizeActivations, y [L, rows], Pass, its x_scale. int8 and int4. */
export function linearMatrixPacked(
  shape: MatrixShape,
  options: Pick<LinearMatrixOptions, 'isAdded'> = {},
): KernelSpec {
  const spec = matrixTiles('linear_matrix_packed', code, shape, options);
  return { ...spec, bindings: [...spec.bindings, 'read'] };
}

import { join, type KernelSpec } from '../lib/kernelSpec';
import weightWords from '../lib/weight_words.wgsl';
import type { LinearMatrixOptions } from './linear_matrix';
import code from './linear_matrix_f16.wgsl';
import type { MatrixShape } from './matrix_shape';
import { matrixTiles } from './matrix_tiles';

/** Bindings: values, scales, bias [rows] (any buffer without one), half of halveActivations, y [L, rows], Pass, its scale. int8 and int4. */
export function linearMatrixF16(
  shape: MatrixShape,
  options: Pick<LinearMatrixOptions, 'isAdded'> = {},
): KernelSpec {
  const spec = matrixTiles('linear_matrix_f16', join(code, weightWords), shape, options);
  return { ...spec, bindings: [...spec.bindings, 'read'] };
}

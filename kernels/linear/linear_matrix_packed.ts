import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import code from './linear_matrix_packed.wgsl';
import { ROWS_A_TILE, TOKENS_A_TILE, type LinearMatrixOptions } from './linear_matrix';
import { wordOverrides, type MatrixShape } from './matrix_shape';

/** Bindings: values, scales, bias [rows] (any buffer without one), digits and x_scale of quantizeActivations, y [L, rows], Pass. int8 and int4. */
export function linearMatrixPacked(
  shape: MatrixShape,
  { isAdded = false }: Pick<LinearMatrixOptions, 'isAdded'> = {},
): KernelSpec {
  const { rows, hasBias = false } = shape;
  return {
    name: 'linear_matrix_packed',
    code: join(pass, code),
    bindings: ['read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    usesState: false,
    overrides: {
      ...wordOverrides(shape),
      ROWS: rows,
      IS_ADDED: Number(isAdded),
      HAS_BIAS: Number(hasBias),
    },
    dispatch: ({ tokens }) => [parts(rows, ROWS_A_TILE), parts(tokens, TOKENS_A_TILE), 1],
  };
}

import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import code from './matrix_tiles.wgsl';
import { wordOverrides, type MatrixShape } from './matrix_shape';

const ROWS_A_TILE = 64;
const TOKENS_A_TILE = 128;

/** One of the kernels that matrix_tiles.wgsl is the loop of. Its bindings: values, scales, bias [rows] (any buffer without one), the vectors, y [L, rows], Pass. */
export function matrixTiles(
  name: string,
  kernel: string,
  shape: MatrixShape,
  { isAdded = false }: { isAdded?: boolean },
): KernelSpec {
  return {
    name,
    code: join(kernel, pass, code),
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
    usesState: false,
    overrides: {
      ...wordOverrides(shape),
      ROWS: shape.rows,
      IS_ADDED: Number(isAdded),
      HAS_BIAS: Number(shape.hasBias ?? false),
    },
    dispatch: ({ tokens }) => [parts(shape.rows, ROWS_A_TILE), parts(tokens, TOKENS_A_TILE), 1],
  };
}

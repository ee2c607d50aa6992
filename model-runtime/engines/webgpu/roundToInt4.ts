import { setImmediate as nextTurn } from 'node:timers/promises';
import { quantizeInt4 } from '../../../kernels/linear/quantize_int4';
import type { Matrix } from '../../model/weights';

/** Weights between two turns: they take some 25 ms. */
const WEIGHTS_A_TURN = 2 ** 19;

/**
 * An int8 matrix with the levels of int4, `quantizeInt4` of all of it; one in f32 as it is. Others have their turn meanwhile: requests are
 * answered on the processor while the GPU gets its weights.
 */
export async function roundToInt4(matrix: Matrix): Promise<Matrix> {
  if (matrix.kind === 'f32') return matrix;
  const { rows, cols, values, scales } = matrix;
  const rounded = {
    ...matrix,
    values: new Int8Array(values.length),
    scales: new Uint16Array(scales.length),
  };
  const blocks = scales.length / rows;
  const rowsATurn = Math.max(1, Math.floor(WEIGHTS_A_TURN / cols));
  for (let first = 0; first < rows; first += rowsATurn) {
    const end = Math.min(rows, first + rowsATurn);
    const part = quantizeInt4({
      kind: 'int8',
      rows: end - first,
      cols,
      values: values.subarray(first * cols, end * cols),
      scales: scales.subarray(first * blocks, end * blocks),
    });
    rounded.values.set(part.values, first * cols);
    rounded.scales.set(part.scales, first * blocks);
    await nextTurn();
  }
  return rounded;
}

import activations from '../lib/activations.wgsl';
import rowProduct from '../lib/row_product.wgsl';
import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import {
  ROW_THREADS,
  rowProductOverrides,
  type InputNorm,
  type MatrixShape,
  type RowThreads,
} from '../linear/matrix_shape';
import code from './linear_conv_update.wgsl';

/** Which rows of the product are convolved, and where their kept inputs are. */
export interface ConvolvedRows {
  from: number;
  channels: number;
  /** Taps of a filter. */
  width: number;
  kept: StatePlace;
}

/** Bindings: values, scales, x [S, cols], norm weight [cols], bias [rows], y [S, rows], filters [width + 1, channels] (bias last). */
export function linearConvUpdate(
  shape: MatrixShape,
  norm: InputNorm,
  { from, channels, width, kept }: ConvolvedRows,
  threads: RowThreads = ROW_THREADS,
): KernelSpec {
  return {
    name: 'linear_conv_update',
    code: join(activations, rowProduct, code),
    reduces: true,
    bindings: ['read', 'read', 'read', 'read', 'read', 'write', 'read'],
    usesState: true,
    overrides: {
      ...rowProductOverrides(shape, norm, threads),
      CONV_FROM: from,
      CHANNELS: channels,
      WIDTH: width,
      CONV_AT: kept.at,
      STATE_STRIDE: kept.stride,
    },
    dispatch: ({ sequences }) => [
      sequences,
      parts(shape.rows, threads.workgroup / threads.lanes),
      1,
    ],
  };
}

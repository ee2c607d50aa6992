import activations from '../lib/activations.wgsl';
import rowProduct from '../lib/row_product.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import {
  ROW_THREADS,
  rowProductOverrides,
  type InputNorm,
  type MatrixShape,
  type RowThreads,
} from '../linear/matrix_shape';
import code from './linear_conv_update.wgsl';

/** Which rows of the product are convolved, and where their kept inputs begin in a layer's state, in numbers. */
export interface ConvolvedRows {
  from: number;
  channels: number;
  /** Taps of a filter. */
  width: number;
  convAt: number;
}

/** Bindings: values, scales, x [cols], norm weight [cols], y [rows], filters [width + 1, channels] (bias last). */
export function linearConvUpdate(
  shape: MatrixShape,
  norm: InputNorm,
  { from, channels, width, convAt }: ConvolvedRows,
  threads: RowThreads = ROW_THREADS,
): KernelSpec {
  return {
    name: 'linear_conv_update',
    code: join(activations, rowProduct, code),
    bindings: ['read', 'read', 'read', 'read', 'write', 'read'],
    usesState: true,
    overrides: {
      ...rowProductOverrides(shape, norm, threads),
      CONV_FROM: from,
      CHANNELS: channels,
      WIDTH: width,
      CONV_AT: convAt,
    },
    dispatch: () => [parts(shape.rows, threads.workgroup / threads.lanes), 1, 1],
  };
}

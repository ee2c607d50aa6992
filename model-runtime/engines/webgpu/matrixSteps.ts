import { linearMatrix, type LinearMatrixOptions } from '../../../kernels/linear/linear_matrix';
import type { GpuMatrix } from './gpuMatrix';
import { weightBuffers, type StepContext } from './modelSteps';
import type { Step } from './pipelines';
import { ROUNDED_KERNELS } from './products';

/** The product of `matrix` with the rows `x` of a prefill, into `y` or added to it. */
export async function matrixSteps(
  { pipelines, run, rounded }: Pick<StepContext, 'pipelines' | 'run' | 'rounded'>,
  matrix: GpuMatrix,
  x: GPUBuffer,
  y: GPUBuffer,
  options: LinearMatrixOptions = {},
): Promise<Step[]> {
  const { shape, bias } = matrix;
  const weights = [...weightBuffers(matrix), bias];
  if (!rounded || shape.format === 'f32' || options.xStride !== undefined) {
    return [await pipelines.step(linearMatrix(shape, options), [...weights, x, y, run])];
  }
  const { products, rows, scales } = rounded;
  const { round, multiply } = ROUNDED_KERNELS[products];
  return Promise.all([
    pipelines.step(round(shape.cols), [x, rows, scales, run]),
    pipelines.step(multiply(shape, options), [...weights, rows, y, run, scales]),
  ]);
}

import { linearMatrix, type LinearMatrixOptions } from '../../../kernels/linear/linear_matrix';
import { linearMatrixPacked } from '../../../kernels/linear/linear_matrix_packed';
import { quantizeActivations } from '../../../kernels/linear/quantize_activations';
import type { GpuMatrix } from './gpuMatrix';
import { weightBuffers, type StepContext } from './modelSteps';
import type { Step } from './pipelines';

/** The product of `matrix` with the rows `x` of a prefill, into `y` or added to it. */
export async function matrixSteps(
  { pipelines, run, packed }: StepContext,
  matrix: GpuMatrix,
  x: GPUBuffer,
  y: GPUBuffer,
  options: LinearMatrixOptions = {},
): Promise<Step[]> {
  const { shape, bias } = matrix;
  const weights = [...weightBuffers(matrix), bias];
  if (!packed || shape.format === 'f32' || options.xStride !== undefined) {
    return [await pipelines.step(linearMatrix(shape, options), [...weights, x, y, run])];
  }
  const { digits, scales } = packed;
  return Promise.all([
    pipelines.step(quantizeActivations(shape.cols), [x, digits, scales, run]),
    pipelines.step(linearMatrixPacked(shape, options), [...weights, digits, scales, y, run]),
  ]);
}

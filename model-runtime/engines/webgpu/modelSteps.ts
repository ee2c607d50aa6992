import type { RowThreads } from '../../../kernels/linear/matrix_shape';
import type { GpuContext } from './gpuContext';
import type { GpuMatrix } from './gpuMatrix';
import type { Pipelines, Step } from './pipelines';
import type { StateLayout } from './stateLayout';

/** What the steps of all layers share. */
export interface StepContext {
  gpu: GpuContext;
  pipelines: Pipelines;
  layout: StateLayout;
  /** Uniform `Pass`: the number of tokens of a prefill. */
  run: GPUBuffer;
  /** The residual stream of one token, `[dModel]`, and of a chunk, `[maxChunkTokens, dModel]`. */
  hidden: GPUBuffer;
  hiddenRows: GPUBuffer;
  maxChunkTokens: number;
  rowThreads: RowThreads;
}

/** The steps of one layer, by what is read. */
export interface LayerSteps {
  decode: Step[];
  prefill: Step[];
}

export function weightBuffers({ values, scales }: GpuMatrix): [GPUBuffer, GPUBuffer] {
  return [values, scales];
}

import type { StatePlace } from '../../../kernels/lib/kernelSpec';
import { chunkCountOf, MOST_SEQUENCES } from '../../../kernels/lib/pass';
import type { RowThreads } from '../../../kernels/linear/matrix_shape';
import type { GpuContext } from './gpuContext';
import type { GpuMatrix } from './gpuMatrix';
import type { Pipelines, Step } from './pipelines';
import type { RoundedRows } from './products';
import type { StateLayout } from './stateLayout';

/** What the steps of all layers share. */
export interface StepContext {
  gpu: GpuContext;
  pipelines: Pipelines;
  layout: StateLayout;
  /** Uniform `Pass`: the sequences of a prefill. */
  run: GPUBuffer;
  /** The residual stream of one token a sequence, `[MOST_SEQUENCES, dModel]`, and of a prefill, `[maxChunkTokens, dModel]`. */
  hidden: GPUBuffer;
  hiddenRows: GPUBuffer;
  maxChunkTokens: number;
  rowThreads: RowThreads;
  /** The int8 matrices inside the blocks are made int4. */
  isInt4: boolean;
  /** Room for the rounded activations of a prefill; without it they are multiplied in f32. */
  rounded: RoundedRows | undefined;
}

/** The steps of one layer, by what is read. */
export interface LayerSteps {
  decode: Step[];
  prefill: Step[];
}

/** Makes the steps of all layers; one layer's weights after the other's, while kernels are compiled. */
export async function stepsOfLayers<Layer>(
  layers: readonly Layer[],
  make: (
    layer: Layer,
    index: number,
  ) => Promise<[decode: Promise<Step[]>, prefill: Promise<Step[]>]>,
): Promise<LayerSteps[]> {
  const steps: Promise<Step[][]>[] = [];
  for (const [i, layer] of layers.entries()) {
    const made = Promise.all(await make(layer, i));
    // A kernel that is refused is reported when all are awaited.
    made.catch(() => undefined);
    steps.push(made);
  }
  const all = await Promise.all(steps);
  return all.map(([decode = [], prefill = []]) => ({ decode, prefill }));
}

/** Where a layer's state has its ssm and its kept inputs. */
export function statePlaces({ convAt, sizeBytes }: StateLayout): {
  ssm: StatePlace;
  kept: StatePlace;
} {
  const stride = sizeBytes / Float32Array.BYTES_PER_ELEMENT;
  return { ssm: { at: 0, stride }, kept: { at: convAt, stride } };
}

/** Most chunks that a prefill of `maxChunkTokens` tokens in several sequences can have. */
export function mostChunks(maxChunkTokens: number): number {
  return chunkCountOf([maxChunkTokens]) + MOST_SEQUENCES - 1;
}

export function weightBuffers({ values, scales }: GpuMatrix): [GPUBuffer, GPUBuffer] {
  return [values, scales];
}

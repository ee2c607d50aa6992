import { ROW_THREADS, type RowThreads } from '../../kernels/linear/matrix_shape';
import { openGpu, type GpuContext } from '../../model-runtime/engines/webgpu/gpuContext';
import {
  createModelProgram,
  type ModelProgram,
} from '../../model-runtime/engines/webgpu/modelProgram';
import type { Products } from '../../model-runtime/engines/webgpu/products';
import { StateBuffers } from '../../model-runtime/engines/webgpu/stateBuffers';
import { WebgpuEngine } from '../../model-runtime/engines/webgpu/webgpuEngine';
import type { ModelWeights } from '../../model-runtime/model/weights';

/** The engine with its parts in reach. */
export interface Subject {
  gpu: GpuContext;
  program: ModelProgram;
  states: StateBuffers;
  engine: WebgpuEngine;
}

/** Without it the device's clock counts in steps of 0.1 ms. */
const EXACT_CLOCK = 'disable-dawn-features=timestamp_quantization';
/** Dawn offers f16 on NVIDIA only when it is told to. */
export const USUAL_SWITCHES =
  'disable_robustness,disable_workgroup_init,vulkan_enable_f16_on_nvidia';

export function dawnFlags(switches: string): string[] {
  return [EXACT_CLOCK, ...(switches ? [`enable-dawn-features=${switches}`] : [])];
}

export async function createSubject(
  weights: ModelWeights,
  maxChunkTokens: number,
  {
    switches = USUAL_SWITCHES,
    rowThreads = ROW_THREADS,
    avoidsSubgroups = false,
    isInt4 = false,
    products = 'f32',
  }: {
    switches?: string;
    rowThreads?: RowThreads;
    avoidsSubgroups?: boolean;
    isInt4?: boolean;
    products?: Products | 'fastest';
  } = {},
): Promise<Subject> {
  const gpu = await openGpu({
    allowsSoftware: true,
    dawnFlags: dawnFlags(switches),
    avoidsSubgroups,
  });
  const program = await createModelProgram(weights, gpu, {
    maxChunkTokens,
    rowThreads,
    isInt4,
    products,
  });
  return {
    gpu,
    program,
    states: new StateBuffers(gpu, program.layout, program.pipelines.stateLayout),
    engine: new WebgpuEngine(weights.config, isInt4 ? 'int4' : 'int8', program, maxChunkTokens),
  };
}

import type { BindingAccess, Dispatch, KernelSpec } from '../../../kernels/lib/kernelSpec';
import { COMPUTE_STAGE } from './bufferUsage';
import type { GpuContext } from './gpuContext';

/** One dispatch, ready to be recorded any number of times. */
export interface Step {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  /** Whose state it reads and writes. */
  layer: number | undefined;
  dispatch: (seqLen: number) => Dispatch;
}

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Compiles each kernel once for each set of sizes. */
export class Pipelines {
  /** Group 1 of all kernels that use the state: one layer of a state buffer. */
  readonly stateLayout: GPUBindGroupLayout;
  private readonly compiled = new Map<string, Promise<Compiled>>();

  constructor(private readonly gpu: GpuContext) {
    this.stateLayout = gpu.device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: COMPUTE_STAGE,
          buffer: { type: 'storage' },
        },
      ],
    });
  }

  /** `buffers` by the spec's binding numbers. Rejects with what the driver says about the kernel. */
  async step(spec: KernelSpec, buffers: readonly GPUBuffer[], layer?: number): Promise<Step> {
    const { pipeline, layout } = await this.compile(spec);
    const bindings = this.gpu.device.createBindGroup({
      layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    return { pipeline, bindings, layer, dispatch: (seqLen) => spec.dispatch(seqLen) };
  }

  private compile(spec: KernelSpec): Promise<Compiled> {
    const key = `${spec.name} ${JSON.stringify(spec.overrides)}`;
    let compiled = this.compiled.get(key);
    if (!compiled) {
      compiled = this.compileNew(spec);
      this.compiled.set(key, compiled);
    }
    return compiled;
  }

  private async compileNew(spec: KernelSpec): Promise<Compiled> {
    const { device } = this.gpu;
    const layout = device.createBindGroupLayout({
      entries: spec.bindings.map((access, binding) => ({
        binding,
        visibility: COMPUTE_STAGE,
        buffer: { type: BUFFER_TYPES[access] },
      })),
    });
    const bindGroupLayouts = spec.usesState ? [layout, this.stateLayout] : [layout];
    const pipeline = await device.createComputePipelineAsync({
      label: spec.name,
      layout: device.createPipelineLayout({ bindGroupLayouts }),
      compute: {
        module: device.createShaderModule({ code: spec.code, label: spec.name }),
        entryPoint: spec.name,
        constants: spec.overrides,
      },
    });
    return { pipeline, layout };
  }
}

const BUFFER_TYPES: Record<BindingAccess, GPUBufferBindingType> = {
  read: 'read-only-storage',
  write: 'storage',
  uniform: 'uniform',
};

/** Records `steps` for a sequence of `seqLen` tokens on a state, given as group 1 by layer. */
export function record(
  pass: GPUComputePassEncoder,
  steps: readonly Step[],
  state: readonly GPUBindGroup[],
  seqLen: number,
): void {
  for (const { pipeline, bindings, layer, dispatch } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    if (layer !== undefined) pass.setBindGroup(1, state[layer] ?? null);
    const [x, y, z] = dispatch(seqLen);
    pass.dispatchWorkgroups(x, y, z);
  }
}

import type { BindingAccess, Dispatch, KernelSpec, Work } from '../../../kernels/lib/kernelSpec';
import { withReduction } from '../../../kernels/lib/reduction';
import { COMPUTE_STAGE } from './bufferUsage';
import type { GpuContext } from './gpuContext';

/** One dispatch, ready to be recorded any number of times. */
export interface Step {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  /** Whose state it reads and writes. */
  layer: number | undefined;
  dispatch: (work: Work) => Dispatch;
}

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Compiles each kernel once for each set of sizes. */
export class Pipelines {
  /** Group 1 of all kernels that use states: one layer of a state buffer, and what follows. */
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
    return { pipeline, bindings, layer, dispatch: (work) => spec.dispatch(work) };
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
    const { device, subgroupSize } = this.gpu;
    const { code, overrides } = withReduction(spec, subgroupSize);
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
        module: device.createShaderModule({ code, label: spec.name }),
        entryPoint: spec.name,
        constants: overrides,
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

/** Records `steps` for `work` on states side by side, given as group 1 by layer. */
export function record(
  pass: GPUComputePassEncoder,
  steps: readonly Step[],
  state: readonly GPUBindGroup[],
  work: Work,
): void {
  // Setting a group takes as long as a dispatch, and stays over pipelines that have no such group.
  let current: number | undefined;
  for (const { pipeline, bindings, layer, dispatch } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    if (layer !== undefined && layer !== current) {
      pass.setBindGroup(1, state[layer] ?? null);
      current = layer;
    }
    const [x, y, z] = dispatch(work);
    pass.dispatchWorkgroups(x, y, z);
  }
}

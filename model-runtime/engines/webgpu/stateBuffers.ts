import { CountedOwners } from '../countedOwners';
import type { GpuContext } from './gpuContext';
import type { StateLayout } from './stateLayout';

/** One recurrent state in GPU memory. */
export class StateBuffer extends CountedOwners {
  constructor(
    readonly buffer: GPUBuffer,
    /** Group 1 of the kernels, by layer. */
    readonly bindings: readonly GPUBindGroup[],
    private readonly onFree: (state: StateBuffer) => void,
  ) {
    super();
  }

  protected free(): void {
    this.onFree(this);
  }
}

/** Freed buffers that are kept for the next state; the others are given back. */
const MOST_FREE = 4;

/** Gives out state buffers and takes freed ones again. Throws what went wrong on the device before. */
export class StateBuffers {
  private readonly free: StateBuffer[] = [];

  constructor(
    readonly gpu: GpuContext,
    readonly layout: StateLayout,
    private readonly groupLayout: GPUBindGroupLayout,
  ) {}

  acquireZeros(): StateBuffer {
    const state = this.acquire();
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.clearBuffer(state.buffer);
    this.gpu.device.queue.submit([encoder.finish()]);
    return state;
  }

  acquireCopy(source: StateBuffer): StateBuffer {
    const state = this.acquire();
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(source.buffer, 0, state.buffer, 0, this.layout.sizeBytes);
    this.gpu.device.queue.submit([encoder.finish()]);
    return state;
  }

  /** A buffer with one owner; its contents are left over from before. */
  private acquire(): StateBuffer {
    this.gpu.throwIfFailed();
    const old = this.free.pop();
    if (old) return this.own(old.buffer, old.bindings);
    const { sizeBytes, layerStride } = this.layout;
    const buffer = this.gpu.storage(sizeBytes, 'state');
    const bindings = Array.from({ length: sizeBytes / layerStride }, (_, layer) =>
      this.gpu.device.createBindGroup({
        layout: this.groupLayout,
        entries: [
          { binding: 0, resource: { buffer, offset: layer * layerStride, size: layerStride } },
        ],
      }),
    );
    return this.own(buffer, bindings);
  }

  private own(buffer: GPUBuffer, bindings: readonly GPUBindGroup[]): StateBuffer {
    return new StateBuffer(buffer, bindings, (freed) => {
      if (this.free.length < MOST_FREE) this.free.push(freed);
      else freed.buffer.destroy();
    });
  }
}

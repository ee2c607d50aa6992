import { CountedOwners } from '../countedOwners';
import type { GpuContext } from './gpuContext';
import type { StateLayout } from './stateLayout';

/** Memory of several states side by side. */
interface Batch {
  buffer: GPUBuffer;
  /** By place. */
  slots: StateBuffer[];
  /** Slots with an owner. */
  used: number;
}

/** One recurrent state in GPU memory. */
export class StateBuffer extends CountedOwners {
  constructor(
    readonly buffer: GPUBuffer,
    /** Where it begins in the buffer, in bytes. */
    readonly offset: number,
    /** Group 1 of the kernels, by layer: this state, and behind it the others of its batch. */
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
  /** Kept for the next states side by side. */
  private freeBatch: Batch | undefined;

  constructor(
    readonly gpu: GpuContext,
    readonly layout: StateLayout,
    private readonly groupLayout: GPUBindGroupLayout,
  ) {}

  acquireZeros(): StateBuffer {
    const state = this.acquire();
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.clearBuffer(state.buffer, 0, this.layout.sizeBytes);
    this.gpu.device.queue.submit([encoder.finish()]);
    return state;
  }

  acquireCopy(source: StateBuffer): StateBuffer {
    const state = this.acquire();
    this.copy([source], [state]);
    return state;
  }

  /** Copies of `sources` side by side, each with one owner: the bindings of the first reach all of them. */
  acquireSideBySide(sources: readonly StateBuffer[]): StateBuffer[] {
    this.gpu.throwIfFailed();
    const slots = this.acquireSlots(sources.length);
    this.copy(sources, slots);
    return slots;
  }

  /** Whether the bindings of the first state reach all, in order. */
  areSideBySide(states: readonly StateBuffer[]): boolean {
    const [first] = states;
    return states.every(
      ({ buffer, offset }, i) =>
        buffer === first?.buffer && offset === first.offset + i * this.layout.sizeBytes,
    );
  }

  /** Whether other states lie beside it. */
  isInBatch({ buffer }: StateBuffer): boolean {
    return buffer.size >= 2 * this.layout.sizeBytes;
  }

  private copy(sources: readonly StateBuffer[], targets: readonly StateBuffer[]): void {
    const encoder = this.gpu.device.createCommandEncoder();
    sources.forEach((source, i) => {
      const target = targets[i];
      if (!target) return;
      const { sizeBytes } = this.layout;
      encoder.copyBufferToBuffer(
        source.buffer,
        source.offset,
        target.buffer,
        target.offset,
        sizeBytes,
      );
    });
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  private acquireSlots(count: number): StateBuffer[] {
    const { sizeBytes } = this.layout;
    let batch = this.freeBatch;
    this.freeBatch = undefined;
    if (!batch || batch.buffer.size < count * sizeBytes) {
      batch?.buffer.destroy();
      batch = { buffer: this.gpu.storage(count * sizeBytes, 'states'), slots: [], used: 0 };
    }
    return this.ownSlots(batch, count);
  }

  private ownSlots(batch: Batch, count: number): StateBuffer[] {
    const { buffer } = batch;
    batch.used = count;
    batch.slots = Array.from({ length: count }, (_, i) => {
      const offset = i * this.layout.sizeBytes;
      const bindings = batch.slots[i]?.bindings ?? this.bind(buffer, offset);
      return new StateBuffer(buffer, offset, bindings, () => {
        batch.used -= 1;
        if (batch.used > 0) return;
        this.freeBatch?.buffer.destroy();
        this.freeBatch = batch;
      });
    });
    return batch.slots;
  }

  /** A buffer with one owner; its contents are left over from before. */
  private acquire(): StateBuffer {
    this.gpu.throwIfFailed();
    const old = this.free.pop();
    if (old) return this.own(old.buffer, old.bindings);
    const buffer = this.gpu.storage(this.layout.sizeBytes, 'state');
    return this.own(buffer, this.bind(buffer, 0));
  }

  /** From each layer of the state at `offset` to the end of the buffer. */
  private bind(buffer: GPUBuffer, offset: number): GPUBindGroup[] {
    const { sizeBytes, layerStride } = this.layout;
    return Array.from({ length: sizeBytes / layerStride }, (_, layer) =>
      this.gpu.device.createBindGroup({
        layout: this.groupLayout,
        entries: [{ binding: 0, resource: { buffer, offset: offset + layer * layerStride } }],
      }),
    );
  }

  private own(buffer: GPUBuffer, bindings: readonly GPUBindGroup[]): StateBuffer {
    return new StateBuffer(buffer, 0, bindings, (freed) => {
      if (this.free.length < MOST_FREE) this.free.push(freed);
      else freed.buffer.destroy();
    });
  }
}

import { RuntimeError } from '../../protocol/errors';
import type { LayerState, RecurrentState, StateSnapshot } from '../engine';
import type { StateBuffer, StateBuffers } from './stateBuffers';
import { exportState } from './stateLayout';

/** Shares the buffer of the state it was taken from until that state is written, which first moves to a copy. */
class WebgpuSnapshot implements StateSnapshot {
  private state: StateBuffer | undefined;

  constructor(
    state: StateBuffer,
    readonly buffers: StateBuffers,
  ) {
    this.state = state.retain();
  }

  /** Counted in full even while it is shared. */
  get sizeBytes(): number {
    return this.buffers.layout.sizeBytes;
  }

  share(): StateBuffer {
    if (!this.state) throw new RuntimeError('internal', 'A disposed snapshot cannot be restored.');
    return this.state.retain();
  }

  dispose(): void {
    this.state?.release();
    this.state = undefined;
  }
}

/** The live state of one sequence, in GPU memory. */
export class WebgpuState implements RecurrentState {
  private state: StateBuffer | undefined;

  constructor(readonly buffers: StateBuffers) {
    this.state = buffers.acquireZeros();
  }

  get sizeBytes(): number {
    return this.buffers.layout.sizeBytes;
  }

  /** The buffer for writing in place: a copy is made first when a snapshot shares it. */
  writable(): StateBuffer {
    if (this.current.isShared) this.advance(this.buffers.acquireCopy(this.current));
    return this.current;
  }

  /**
   * The bindings of kernels that write all of `states`, the first one's first. States that do not lie side by side are moved there,
   * where they stay until one is shared, restored or reset.
   */
  static sideBySide(states: readonly WebgpuState[]): readonly GPUBindGroup[] {
    const [first] = states;
    if (!first) throw new RuntimeError('internal', 'No state was given.');
    if (states.length === 1) return first.writable().bindings;
    if (new Set(states).size < states.length) {
      throw new RuntimeError('internal', 'A recurrent state was given twice.');
    }
    const { buffers } = first;
    const current = states.map((state) => state.current);
    if (current.some(({ isShared }) => isShared) || !buffers.areSideBySide(current)) {
      const moved = buffers.acquireSideBySide(current);
      states.forEach((state, i) => {
        const next = moved[i];
        if (next) state.advance(next);
      });
    }
    return first.current.bindings;
  }

  snapshot(): StateSnapshot {
    if (!this.buffers.isInBatch(this.current)) {
      return new WebgpuSnapshot(this.current, this.buffers);
    }
    // Shared, it would keep the memory of the whole batch, and all of it would be moved before the next pass.
    const copy = this.buffers.acquireCopy(this.current);
    const snapshot = new WebgpuSnapshot(copy, this.buffers);
    copy.release();
    return snapshot;
  }

  restore(snapshot: StateSnapshot): void {
    if (!(snapshot instanceof WebgpuSnapshot) || snapshot.buffers !== this.buffers) {
      throw new RuntimeError(
        'internal',
        'A snapshot can only be restored by the engine that made it.',
      );
    }
    this.advance(snapshot.share());
  }

  reset(): void {
    this.advance(this.buffers.acquireZeros());
  }

  async exportLayer(layer: number): Promise<LayerState> {
    const { gpu, layout } = this.buffers;
    const { layerStride } = layout;
    const staging = gpu.staging(layerStride, 'exported layer');
    const encoder = gpu.device.createCommandEncoder();
    const { buffer, offset } = this.current;
    encoder.copyBufferToBuffer(buffer, offset + layer * layerStride, staging, 0, layerStride);
    gpu.device.queue.submit([encoder.finish()]);
    const bytes = await gpu.read(staging, layerStride);
    staging.destroy();
    return exportState(layout, new Float32Array(bytes));
  }

  dispose(): void {
    this.state?.release();
    this.state = undefined;
  }

  private advance(next: StateBuffer): void {
    const previous = this.current;
    this.state = next;
    previous.release();
  }

  private get current(): StateBuffer {
    if (!this.state) {
      throw new RuntimeError('internal', 'The recurrent state was used after it was disposed.');
    }
    return this.state;
  }
}

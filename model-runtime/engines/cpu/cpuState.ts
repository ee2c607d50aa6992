import { narrowToFloat16, widenFloat16 } from '../../../kernels/lib/float16';
import { RuntimeError } from '../../protocol/errors';
import type { LayerState, RecurrentState, StateSnapshot } from '../engine';
import type { HalfSlot, HalfSlots } from './halfSlots';
import type { MemoryArea } from './memoryArea';
import { exportState, type StateShape } from './stateShape';
import type { StateSlot, StateSlots } from './stateSlots';

/** What all states of one engine share. */
export interface StateMemory {
  area: MemoryArea;
  slots: StateSlots;
  halves: HalfSlots;
  shape: StateShape;
}

/** Shares the slot of the state it was taken from until that state is written in place, which first moves to a copy. */
class CpuSnapshot implements StateSnapshot {
  private slot: StateSlot | undefined;
  /** In place of the slot: the state in 16 bits. */
  private half: HalfSlot | undefined;

  constructor(
    slot: StateSlot,
    readonly memory: StateMemory,
  ) {
    this.slot = slot.retain();
  }

  /** Counted in full even while it is shared. */
  get sizeBytes(): number {
    const { slots, halves } = this.memory;
    return this.half ? halves.sizeBytes : slots.sizeBytes;
  }

  compact(): void {
    if (!this.slot) return;
    this.half = this.memory.halves.acquire();
    narrowToFloat16(this.numbersOf(this.slot), this.bitsOf(this.half));
    this.slot.release();
    this.slot = undefined;
  }

  /** A slot with the state; the caller is one of its owners. */
  share(): StateSlot {
    if (this.slot) return this.slot.retain();
    if (!this.half) throw new RuntimeError('internal', 'A disposed snapshot cannot be restored.');
    const slot = this.memory.slots.acquire();
    widenFloat16(this.bitsOf(this.half), this.numbersOf(slot));
    return slot;
  }

  dispose(): void {
    this.slot?.release();
    this.slot = undefined;
    if (this.half) this.memory.halves.release(this.half);
    this.half = undefined;
  }

  private numbersOf({ address }: StateSlot): Float32Array {
    const { area, slots } = this.memory;
    return area.float32(address, slots.sizeBytes / Float32Array.BYTES_PER_ELEMENT);
  }

  private bitsOf({ address }: HalfSlot): Uint16Array {
    const { area, halves } = this.memory;
    return area.uint16(address, halves.sizeBytes / Uint16Array.BYTES_PER_ELEMENT);
  }
}

/** The live state of one sequence: the slot that the next pass reads. */
export class CpuState implements RecurrentState {
  private slot: StateSlot | undefined;

  constructor(readonly memory: StateMemory) {
    this.slot = memory.slots.acquireZeros();
  }

  get sizeBytes(): number {
    return this.memory.slots.sizeBytes;
  }

  /** Address of the slot, for reading only. */
  get address(): number {
    return this.current.address;
  }

  /** Whether a snapshot has the same slot. */
  get isShared(): boolean {
    return this.current.isShared;
  }

  /** Address of the slot for writing in place: a copy is made first when a snapshot shares it. */
  writableAddress(): number {
    if (this.isShared) this.advance(this.memory.slots.acquireCopy(this.current));
    return this.current.address;
  }

  /** Takes over `next` and gives the current slot up. */
  advance(next: StateSlot): void {
    const previous = this.current;
    this.slot = next;
    previous.release();
  }

  snapshot(): StateSnapshot {
    return new CpuSnapshot(this.current, this.memory);
  }

  restore(snapshot: StateSnapshot): void {
    if (!(snapshot instanceof CpuSnapshot) || snapshot.memory !== this.memory) {
      throw new RuntimeError(
        'internal',
        'A snapshot can only be restored by the engine that made it.',
      );
    }
    this.advance(snapshot.share());
  }

  reset(): void {
    this.advance(this.memory.slots.acquireZeros());
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- only a GPU has to wait.
  async exportLayer(layer: number): Promise<LayerState> {
    const { area, shape } = this.memory;
    const start = this.address + layer * shape.layerBytes;
    const conv = area.float32(start, shape.channels * shape.keptInputs);
    const ssmLength = shape.parts * shape.strips * shape.stripWidth * shape.dState;
    return exportState(shape, conv, area.float32(start + shape.convBytes, ssmLength));
  }

  dispose(): void {
    this.slot?.release();
    this.slot = undefined;
  }

  private get current(): StateSlot {
    if (!this.slot) {
      throw new RuntimeError('internal', 'The recurrent state was used after it was disposed.');
    }
    return this.slot;
  }
}

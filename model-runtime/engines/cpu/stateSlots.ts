import { CountedOwners } from '../countedOwners';
import type { MemoryArea } from './memoryArea';

/** One recurrent state in the shared memory. */
export class StateSlot extends CountedOwners {
  constructor(
    readonly address: number,
    private readonly onFree: (slot: StateSlot) => void,
  ) {
    super();
  }

  protected free(): void {
    this.onFree(this);
  }
}

/** Gives out slots of one size and takes freed ones again. */
export class StateSlots {
  private readonly freeAddresses: number[] = [];

  constructor(
    private readonly area: MemoryArea,
    readonly sizeBytes: number,
  ) {}

  /** A slot with one owner; its contents are left over from before. Throws `outOfMemory`. */
  acquire(): StateSlot {
    const address = this.freeAddresses.pop() ?? this.area.allocate(this.sizeBytes);
    return new StateSlot(address, (slot) => this.freeAddresses.push(slot.address));
  }

  acquireZeros(): StateSlot {
    // Fresh memory is zero already, and costs nothing until it is written.
    const isFresh = this.freeAddresses.length === 0;
    const slot = this.acquire();
    if (!isFresh) this.bytes(slot).fill(0);
    return slot;
  }

  acquireCopy(source: StateSlot): StateSlot {
    const slot = this.acquire();
    this.bytes(slot).set(this.bytes(source));
    return slot;
  }

  private bytes(slot: StateSlot): Uint8Array {
    return this.area.uint8(slot.address, this.sizeBytes);
  }
}

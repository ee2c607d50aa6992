import type { StateSlot, StateSlots } from './stateSlots';

/** One of the two halves of a slot. */
export interface HalfSlot {
  readonly address: number;
  readonly whole: StateSlot;
}

/** Gives out halves of slots, for states in 16 bits: a slot both halves of which are free is a whole one again. */
export class HalfSlots {
  /** Free halves of slots whose other half is in use. */
  private spare: HalfSlot[] = [];

  constructor(private readonly slots: StateSlots) {}

  get sizeBytes(): number {
    return this.slots.sizeBytes / 2;
  }

  /** Its contents are left over from before. Throws `outOfMemory`. */
  acquire(): HalfSlot {
    const half = this.spare.pop();
    if (half) {
      half.whole.retain();
      return half;
    }
    const whole = this.slots.acquire();
    this.spare.push({ address: whole.address + this.sizeBytes, whole });
    return { address: whole.address, whole };
  }

  release(half: HalfSlot): void {
    const { whole } = half;
    if (whole.isShared) this.spare.push(half);
    else this.spare = this.spare.filter((other) => other.whole !== whole);
    whole.release();
  }
}

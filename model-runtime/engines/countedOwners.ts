/** Memory with one or more owners. It may be written only while it has one; the last one's release frees it. */
export abstract class CountedOwners {
  private owners = 1;

  get isShared(): boolean {
    return this.owners > 1;
  }

  retain(): this {
    this.owners += 1;
    return this;
  }

  release(): void {
    this.owners -= 1;
    if (this.owners === 0) this.free();
  }

  protected abstract free(): void;
}

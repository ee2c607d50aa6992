import { setImmediate as nextTurn } from 'node:timers/promises';
import { RuntimeError } from '../../protocol/errors';
import {
  askForLargePages,
  beforeLargePages,
  givesLargePages,
  LARGE_PAGE_BYTES,
  moveToLargePage,
} from './largePages';

const PAGE_BYTES = 65536;
/** What WebAssembly's 32-bit addresses reach. Address space only: pages count when they are written. */
const MOST_PAGES = 65536;
/** The memory grows by so much at least; what is not written yet can lie in large pages. Pages that are not written cost nothing. */
const GROWTH_BYTES = 64 * 2 ** 20;
/** A cache line: two threads never write to the same one by accident. */
export const ALIGNMENT = 64;

/** The one shared memory of the engine. It only grows; views are made anew because growing replaces the buffer object. */
export class MemoryArea {
  readonly memory: WebAssembly.Memory;
  /** The module's own constants lie in the first page. */
  private end = PAGE_BYTES;
  private readonly buffers = new WeakSet<ArrayBufferLike>();
  /** What is written seldom, or never: in large pages all of it would be in memory. */
  private sparse = { start: 0, end: 0 };
  private asksForLargePages = false;
  /** How far what was written in small pages has been moved. */
  private moved = 0;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 2, maximum: MOST_PAGES, shared: true });
  }

  /** Address of `sizeBytes` fresh bytes, all zero; a multiple of `alignment`, itself one of `ALIGNMENT`. Throws `outOfMemory`. */
  allocate(sizeBytes: number, alignment = ALIGNMENT): number {
    const address = Math.ceil(this.end / alignment) * alignment;
    const end = Math.ceil((address + sizeBytes) / ALIGNMENT) * ALIGNMENT;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.grow(missing);
      } catch (error) {
        throw new RuntimeError(
          'outOfMemory',
          `The model needs ${Math.ceil(missing / 2 ** 20)} MB more memory than the system gives. ` +
            'Close other programs or lower the memory budget of Mamba Complete in the settings.',
          { cause: error },
        );
      }
    }
    this.end = end;
    return address;
  }

  /** By a large step where there is room for one, else by what is missing. */
  private grow(missingBytes: number): void {
    const missingPages = Math.ceil(missingBytes / PAGE_BYTES);
    const before = this.memory.buffer.byteLength;
    try {
      this.memory.grow(Math.max(missingPages, GROWTH_BYTES / PAGE_BYTES));
    } catch {
      this.memory.grow(missingPages);
    }
    if (this.asksForLargePages) askForLargePages(new Uint8Array(this.buffer, before));
  }

  /** What was allocated from `start` on is written seldom, or never. */
  markSparse(start: number): void {
    this.sparse = { start, end: this.end };
  }

  /**
   * Large pages, with which a token takes 3 to 25 % less time, for what is there and what will be. Not while somebody waits: in a process that
   * starts Linux has to find them first. Other work gets its turn every few milliseconds; after an abort, whose reason is thrown,
   * it goes on where it was.
   */
  async useLargePages(signal?: AbortSignal): Promise<void> {
    if (!givesLargePages()) return;
    const { start, end } = this.sparse;
    if (!this.asksForLargePages) {
      this.asksForLargePages = true;
      const [from, to] = [pageBefore(start), pageBefore(end + PAGE_BYTES - 1)];
      if (from > 0) askForLargePages(this.uint8(0, from));
      askForLargePages(new Uint8Array(this.buffer, to));
      this.moved = beforeLargePages(new Uint8Array(this.buffer));
    }
    for (; this.moved + LARGE_PAGE_BYTES <= this.end; this.moved += LARGE_PAGE_BYTES) {
      if (this.moved < end && this.moved + LARGE_PAGE_BYTES > start) continue;
      signal?.throwIfAborted();
      moveToLargePage(this.uint8(this.moved, LARGE_PAGE_BYTES));
      await nextTurn();
    }
  }

  /** Whether `values` lie in this memory. */
  holds({ buffer }: ArrayBufferView): boolean {
    return this.buffers.has(buffer);
  }

  /** Address of a copy of `values`. */
  store(values: Float32Array): number {
    const address = this.allocate(values.byteLength);
    this.float32(address, values.length).set(values);
    return address;
  }

  float32(address: number, length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.buffer, address, length);
  }

  int32(address: number, length: number): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.buffer, address, length);
  }

  uint32(address: number, length: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.buffer, address, length);
  }

  uint16(address: number, length: number): Uint16Array<SharedArrayBuffer> {
    return new Uint16Array(this.buffer, address, length);
  }

  uint8(address: number, length: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.buffer, address, length);
  }

  int8(address: number, length: number): Int8Array<SharedArrayBuffer> {
    return new Int8Array(this.buffer, address, length);
  }

  private get buffer(): SharedArrayBuffer {
    const { buffer } = this.memory;
    if (buffer instanceof SharedArrayBuffer) {
      // Views of the shorter memory from before it grew go on to show the same bytes.
      this.buffers.add(buffer);
      return buffer;
    }
    throw new RuntimeError('engineUnavailable', 'This JavaScript engine has no shared memory.');
  }
}

function pageBefore(address: number): number {
  return Math.floor(address / PAGE_BYTES) * PAGE_BYTES;
}

import { RuntimeError } from '../../protocol/errors';
import { askForPages } from './largePages';

const PAGE_BYTES = 65536;
/** What WebAssembly's 32-bit addresses reach. Address space only: pages count when they are written. */
const MOST_PAGES = 65536;
/**
 * The memory grows by so much at least: the system can use large pages, with which a token takes a quarter less time, only for what is
 * there before it is written. Pages that are not written cost nothing.
 */
const GROWTH_BYTES = 64 * 2 ** 20;
/** A cache line: two threads never write to the same one by accident. */
export const ALIGNMENT = 64;

/** The one shared memory of the engine. It only grows; views are made anew because growing replaces the buffer object. */
export class MemoryArea {
  readonly memory: WebAssembly.Memory;
  /** The module's own constants lie in the first page. */
  private end = PAGE_BYTES;
  private readonly buffers = new WeakSet<ArrayBufferLike>();

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 2, maximum: MOST_PAGES, shared: true });
  }

  /** Address of `sizeBytes` fresh bytes, all zero. Throws `outOfMemory`. */
  allocate(sizeBytes: number): number {
    const address = this.end;
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
    askForPages('large', new Uint8Array(this.buffer, before));
  }

  /** For what was allocated from `start` on and not written yet: a large page is in memory as soon as anything in it is written. */
  useSmallPages(start: number): void {
    const from = Math.ceil(start / PAGE_BYTES) * PAGE_BYTES;
    const size = Math.floor((this.end - from) / PAGE_BYTES) * PAGE_BYTES;
    if (size > 0) askForPages('small', this.uint8(from, size));
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

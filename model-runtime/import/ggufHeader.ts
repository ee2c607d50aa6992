import type { FileHandle } from 'node:fs/promises';
import { cannotImport } from '../model/modelErrors';
import { readBytes } from './sourceFiles';

export type GgufValue = number | boolean | string | readonly GgufValue[];

export interface GgufTensor {
  /** As the file has them: the fastest-changing first. */
  dimensions: readonly number[];
  /** `ggml_type`. */
  type: number;
  /** From the file's start. */
  offset: number;
}

export interface GgufHeader {
  metadata: ReadonlyMap<string, GgufValue>;
  tensors: ReadonlyMap<string, GgufTensor>;
}

const FIRST_READ_BYTES = 8 * 2 ** 20;
/** Vocabulary and merges make up a header; none comes near this. */
const MOST_HEADER_BYTES = 512 * 2 ** 20;
const SUPPORTED_VERSIONS = [2, 3];
const MOST_ENTRIES = 1_000_000;
const MOST_DIMENSIONS = 8;
const DEFAULT_ALIGNMENT = 32;

/** The bytes read so far end within the header. */
class Incomplete extends Error {}

/**
 * Reads a GGUF file's header: metadata and where each tensor lies. Errors: `modelCorrupt`.
 * Source: ggml's docs/gguf.md, versions 2 and 3, little-endian.
 */
export async function readGgufHeader(
  file: { path: string; handle: FileHandle },
  sizeBytes: number,
): Promise<GgufHeader> {
  for (let length = FIRST_READ_BYTES; ; length *= 4) {
    const bytes = await readBytes(file, 0, Math.min(length, sizeBytes));
    try {
      return new HeaderReader(bytes, file.path).read();
    } catch (error) {
      if (!(error instanceof Incomplete)) throw error;
      if (bytes.length >= sizeBytes || length >= MOST_HEADER_BYTES) {
        throw cannotImport(file.path, 'it ends within its header');
      }
    }
  }
}

class HeaderReader {
  private readonly view: DataView;
  private position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly path: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): GgufHeader {
    if (this.text(4) !== 'GGUF') throw cannotImport(this.path, 'it is not a GGUF file');
    const version = this.uint32();
    if (!SUPPORTED_VERSIONS.includes(version)) {
      throw cannotImport(this.path, `its GGUF version is ${version}, known are 2 and 3`);
    }
    const tensorCount = this.count();
    const metadataCount = this.count();
    const metadata = new Map<string, GgufValue>();
    for (let i = 0; i < metadataCount; i++) metadata.set(this.string(), this.value(this.uint32()));
    const found: [string, GgufTensor][] = [];
    for (let i = 0; i < tensorCount; i++) found.push(this.tensor());
    const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
    if (typeof alignment !== 'number' || alignment < 1) {
      throw cannotImport(this.path, 'its alignment is no positive number');
    }
    const dataStart = Math.ceil(this.position / alignment) * alignment;
    const tensors = new Map<string, GgufTensor>();
    for (const [name, tensor] of found) {
      if (tensors.has(name)) throw cannotImport(this.path, `tensor ${name} is there twice`);
      tensors.set(name, { ...tensor, offset: dataStart + tensor.offset });
    }
    return { metadata, tensors };
  }

  private tensor(): [string, GgufTensor] {
    const name = this.string();
    const dimensionCount = this.uint32();
    if (dimensionCount > MOST_DIMENSIONS) {
      throw cannotImport(this.path, `tensor ${name} has ${dimensionCount} dimensions`);
    }
    const dimensions = Array.from({ length: dimensionCount }, () => this.uint64());
    return [name, { dimensions, type: this.uint32(), offset: this.uint64() }];
  }

  private value(type: number): GgufValue {
    switch (type) {
      case 0:
        return this.view.getUint8(this.take(1));
      case 1:
        return this.view.getInt8(this.take(1));
      case 2:
        return this.view.getUint16(this.take(2), true);
      case 3:
        return this.view.getInt16(this.take(2), true);
      case 4:
        return this.uint32();
      case 5:
        return this.view.getInt32(this.take(4), true);
      case 6:
        return this.view.getFloat32(this.take(4), true);
      case 7:
        return this.view.getUint8(this.take(1)) !== 0;
      case 8:
        return this.string();
      case 9:
        return this.array();
      case 10:
        return this.uint64();
      case 11:
        return Number(this.view.getBigInt64(this.take(8), true));
      case 12:
        return this.view.getFloat64(this.take(8), true);
      default:
        throw cannotImport(this.path, `its metadata has a value of the unknown type ${type}`);
    }
  }

  private array(): GgufValue[] {
    const type = this.uint32();
    // Arrays of arrays are in no model's metadata, and would let a small file ask for endless nesting.
    if (type === 9) throw cannotImport(this.path, 'its metadata has an array of arrays');
    const length = this.count();
    const items: GgufValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.value(type));
    return items;
  }

  private count(): number {
    const count = this.uint64();
    if (count > MOST_ENTRIES) throw cannotImport(this.path, `its header counts ${count} entries`);
    return count;
  }

  private string(): string {
    return this.text(this.uint64());
  }

  private text(length: number): string {
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  private uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  private uint64(): number {
    const value = this.view.getBigUint64(this.take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw cannotImport(this.path, `its header has the impossible size ${value}`);
    }
    return Number(value);
  }

  /** Where the next `length` bytes begin. */
  private take(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new Incomplete();
    this.position = start + length;
    return start;
  }
}

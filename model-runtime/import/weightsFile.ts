import type { FileHandle } from 'node:fs/promises';
import { isQuantized } from '../model/memoryNeed';
import { SCALE_SUFFIX, type TensorLayout } from '../model/tensorLayout';
import { QUANTIZATION_BLOCK } from '../model/weights';

/** Larger elements first, so that every tensor starts at a multiple of its element's size. */
const DTYPES = {
  F32: { order: 0, bytes: 4 },
  F16: { order: 1, bytes: 2 },
  I8: { order: 2, bytes: 1 },
};
/** The data starts at a multiple of this: a cache line. */
const DATA_ALIGNMENT = 64;

interface Entry {
  name: string;
  dtype: keyof typeof DTYPES;
  shape: readonly number[];
}

/** A weight file before its data: the header, and where in the file each tensor begins. */
export interface WeightsFilePlan {
  header: Uint8Array;
  offsets: ReadonlyMap<string, number>;
  sizeBytes: number;
}

/**
 * A safetensors file with every tensor in the form the product stores it: F32, then F16, then I8 tensors, each ordered by name,
 * without gaps; the header is padded with spaces so that the data starts at a multiple of 64 bytes (docs/model-format.md).
 */
export function planWeightsFile(layouts: readonly TensorLayout[]): WeightsFilePlan {
  const entries = layouts.flatMap(entriesOf).sort(byTypeAndName);
  const json: Record<string, unknown> = { __metadata__: { format: 'int8-block32' } };
  const begins = new Map<string, number>();
  let end = 0;
  for (const { name, dtype, shape } of entries) {
    const length = shape.reduce((product, extent) => product * extent, DTYPES[dtype].bytes);
    begins.set(name, end);
    json[name] = { dtype, shape, data_offsets: [end, end + length] };
    end += length;
  }
  const text = new TextEncoder().encode(JSON.stringify(json));
  const headerBytes = Math.ceil((8 + text.length) / DATA_ALIGNMENT) * DATA_ALIGNMENT;
  const header = new Uint8Array(headerBytes).fill(' '.charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes - 8), true);
  header.set(text, 8);
  const offsets = new Map([...begins].map(([name, begin]) => [name, headerBytes + begin]));
  return { header, offsets, sizeBytes: headerBytes + end };
}

function entriesOf(layout: TensorLayout): Entry[] {
  const { name, shape } = layout;
  if (!isQuantized(layout)) return [{ name, dtype: 'F32', shape }];
  const [rows = 1, cols = 1] = shape;
  return [
    { name, dtype: 'I8', shape },
    { name: name + SCALE_SUFFIX, dtype: 'F16', shape: [rows, cols / QUANTIZATION_BLOCK] },
  ];
}

function byTypeAndName(a: Entry, b: Entry): number {
  return DTYPES[a.dtype].order - DTYPES[b.dtype].order || (a.name < b.name ? -1 : 1);
}

/** A single write may take fewer bytes than it is given. */
export async function writeAt(
  handle: FileHandle,
  values: Uint8Array | Float32Array | Int8Array | Uint16Array,
  position: number,
): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let written = 0; written < bytes.length;) {
    const rest = bytes.length - written;
    written += (await handle.write(bytes, written, rest, position + written)).bytesWritten;
  }
}

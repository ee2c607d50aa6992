import { open, type FileHandle } from 'node:fs/promises';

/** A tensor to be written. `values` are in the machine's byte order, which is little-endian wherever the tests run. */
export interface OutputTensor {
  name: string;
  dtype: keyof typeof DTYPE_ORDER;
  shape: readonly number[];
  values: Float32Array | Uint16Array | Int8Array;
}

/** Larger elements first, so that every tensor starts at a multiple of its element's size. */
const DTYPE_ORDER = { F32: 0, F16: 1, BF16: 2, I8: 3 } as const;
/** The data starts at a multiple of this: a cache line. */
const DATA_ALIGNMENT = 64;

/**
 * Writes a safetensors file: F32, then F16, then I8 tensors, each ordered by name, without gaps; the header is padded
 * with spaces so that the data starts at a multiple of 64 bytes. The same tensors give the same bytes.
 */
export async function writeSafetensors(path: string, tensors: OutputTensor[]): Promise<void> {
  const inOrder = [...tensors].sort(
    (a, b) => DTYPE_ORDER[a.dtype] - DTYPE_ORDER[b.dtype] || (a.name < b.name ? -1 : 1),
  );
  const handle = await open(path, 'wx');
  try {
    await writeAll(handle, header(inOrder));
    for (const { values } of inOrder) {
      await writeAll(handle, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function header(inOrder: OutputTensor[]): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: { format: 'int8-block32' } };
  let end = 0;
  for (const { name, dtype, shape, values } of inOrder) {
    entries[name] = { dtype, shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const totalBytes = Math.ceil((8 + json.length) / DATA_ALIGNMENT) * DATA_ALIGNMENT;
  const bytes = new Uint8Array(totalBytes).fill(' '.charCodeAt(0));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(totalBytes - 8), true);
  bytes.set(json, 8);
  return bytes;
}

/** A single write may take fewer bytes than it is given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

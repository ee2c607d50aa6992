import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { RuntimeError } from '../protocol/errors';
import type { ManifestFile } from './manifest';
import { modelCorrupt, modelNotFound } from './modelErrors';

/** Large enough that calls cost nothing, small enough that hashing starts soon. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Gives memory for a file of this size: a buffer of its own, or a place in an engine's memory. */
export type Allocate = (sizeBytes: number) => Uint8Array;

/**
 * Reads a whole file once, hashing as it comes in.
 * Errors: `modelNotFound` when it cannot be read, `modelCorrupt` when its size or SHA-256 is not `expected`'s,
 * `outOfMemory` when the buffer cannot be had.
 */
export async function readFileChecked(
  path: string,
  expected: Pick<ManifestFile, 'sizeBytes' | 'sha256'>,
  allocate: Allocate = (sizeBytes) => new Uint8Array(sizeBytes),
): Promise<Uint8Array> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    if (size !== expected.sizeBytes) {
      throw modelCorrupt(path, `it has ${size} bytes instead of ${expected.sizeBytes}`);
    }
    const bytes = allocated(path, size, allocate);
    if ((await readAndHash(path, handle, bytes)) !== expected.sha256) {
      throw modelCorrupt(path, 'its content is not what the manifest says (SHA-256 differs)');
    }
    return bytes;
  } catch (error) {
    throw error instanceof RuntimeError ? error : modelNotFound(path, error);
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw modelNotFound(path, error);
  }
}

function allocated(path: string, sizeBytes: number, allocate: Allocate): Uint8Array {
  try {
    return allocate(sizeBytes);
  } catch (error) {
    throw new RuntimeError(
      'outOfMemory',
      `There is no room in memory for the ${sizeBytes} bytes of ${path}. Close other programs or choose a smaller model.`,
      { cause: error },
    );
  }
}

/**
 * Fills `bytes` and returns their SHA-256 in hex. Several parts are read at a time, while those before are hashed: most of
 * the time goes into the system's first touch of each page.
 */
async function readAndHash(path: string, handle: FileHandle, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  const reads: Promise<Uint8Array>[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    const chunk = bytes.subarray(start, start + CHUNK_BYTES);
    reads.push(fill(path, handle, chunk, start));
  }
  try {
    for (const read of reads) hash.update(await read);
  } finally {
    // The file is closed only when nobody reads it any more.
    await Promise.allSettled(reads);
  }
  return hash.digest('hex');
}

async function fill(
  path: string,
  handle: FileHandle,
  chunk: Uint8Array,
  position: number,
): Promise<Uint8Array> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesRead } = await handle.read(chunk, done, chunk.length - done, position + done);
    if (bytesRead === 0) throw modelCorrupt(path, 'it became shorter while it was read');
    done += bytesRead;
  }
  return chunk;
}

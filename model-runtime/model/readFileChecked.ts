import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { RuntimeError } from '../protocol/errors';
import type { ManifestFile } from './manifest';
import { modelCorrupt, modelNotFound } from './modelErrors';

/** Large enough that calls cost nothing, small enough that hashing and reading overlap in the caches. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads a whole file into one buffer of its own, once, hashing as it comes in.
 * Errors: `modelNotFound` when it cannot be read, `modelCorrupt` when its size or SHA-256 is not `expected`'s,
 * `outOfMemory` when the buffer cannot be had.
 */
export async function readFileChecked(
  path: string,
  expected: Pick<ManifestFile, 'sizeBytes' | 'sha256'>,
): Promise<ArrayBuffer> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    if (size !== expected.sizeBytes) {
      throw modelCorrupt(path, `it has ${size} bytes instead of ${expected.sizeBytes}`);
    }
    const bytes = allocate(path, size);
    if ((await readAndHash(path, handle, bytes)) !== expected.sha256) {
      throw modelCorrupt(path, 'its content is not what the manifest says (SHA-256 differs)');
    }
    return bytes.buffer;
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

function allocate(path: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (error) {
    throw new RuntimeError(
      'outOfMemory',
      `There is no room in memory for the ${sizeBytes} bytes of ${path}. Close other programs or choose a smaller model.`,
      { cause: error },
    );
  }
}

/** Fills `bytes` and returns their SHA-256 in hex. The next chunk is read while the last one is hashed. */
async function readAndHash(path: string, handle: FileHandle, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  let read = 0;
  let hashed = 0;
  while (read < bytes.length) {
    const length = Math.min(CHUNK_BYTES, bytes.length - read);
    const pending = handle.read(bytes, read, length, read);
    hash.update(bytes.subarray(hashed, read));
    hashed = read;
    const { bytesRead } = await pending;
    if (bytesRead === 0) throw modelCorrupt(path, 'it became shorter while it was read');
    read += bytesRead;
  }
  hash.update(bytes.subarray(hashed));
  return hash.digest('hex');
}

import { open, readFile, type FileHandle } from 'node:fs/promises';
import { RuntimeError } from '../protocol/errors';

/** `modelNotFound`: a file that is to be imported cannot be read. */
export function cannotRead(path: string, cause: unknown): RuntimeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RuntimeError(
    'modelNotFound',
    `${path} could not be read (${reason}). Nothing was written.`,
    { cause },
  );
}

/** A whole text file. Errors: `modelNotFound`. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** As `readText`; `undefined` when there is no such file. */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw cannotRead(path, error);
  }
}

export async function openSource(path: string): Promise<{ handle: FileHandle; sizeBytes: number }> {
  try {
    const handle = await open(path, 'r');
    return { handle, sizeBytes: (await handle.stat()).size };
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** `length` bytes from `offset`, fewer at the end of the file. */
export async function readBytes(
  { path, handle }: { path: string; handle: FileHandle },
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle
      .read(bytes, read, length - read, offset + read)
      .catch((error: unknown) => {
        throw cannotRead(path, error);
      });
    if (bytesRead === 0) return bytes.subarray(0, read);
    read += bytesRead;
  }
  return bytes;
}

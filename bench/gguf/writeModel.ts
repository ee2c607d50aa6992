import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedModel } from '../../model-runtime/model/loadModel';
import { MANIFEST_FILE } from '../../model-runtime/model/manifest';
import type { GgmlType } from './ggmlTypes';
import { encodeGguf } from './ggufFile';
import { mambaMetadata } from './mambaMetadata';
import { mambaTensors } from './mambaTensors';
import { vocabularyMetadata } from './vocabulary';

/** Raised when the same weights would give another file, so that old ones in the cache are not used. */
const WRITER_VERSION = 1;

/** The whole model as the parts of a GGUF file. */
export function encodeModel(
  model: Pick<LoadedModel, 'name' | 'weights' | 'tokenizerJson'>,
  matrixType: GgmlType,
): Generator<Uint8Array> {
  const { config } = model.weights;
  const metadata = new Map([
    ...mambaMetadata(model.name, config, matrixType),
    ...vocabularyMetadata(model.tokenizerJson, config.vocabSize, config.specialTokens),
  ]);
  return encodeGguf(metadata, mambaTensors(model.weights, matrixType));
}

/**
 * Path of `model`, loaded from `folder`, as a GGUF file under `cacheFolder`; written when it is not there yet.
 */
export async function cachedGguf(
  folder: string,
  cacheFolder: string,
  matrixType: GgmlType,
  model: LoadedModel,
): Promise<string> {
  // The manifest holds the SHA-256 of every file of the model.
  const manifest = await readFile(join(folder, MANIFEST_FILE));
  const identity = createHash('sha256').update(manifest).digest('hex').slice(0, 16);
  const path = join(cacheFolder, `${identity}-v${WRITER_VERSION}-${matrixType}.gguf`);
  if (existsSync(path)) return path;
  await mkdir(cacheFolder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const file = await open(unfinished, 'w');
  try {
    for (const part of encodeModel(model, matrixType)) await file.writeFile(part);
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  return path;
}

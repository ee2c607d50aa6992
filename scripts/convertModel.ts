import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { loadModel, type LoadedModel } from '../model-runtime/model/loadModel';
import {
  CONFIG_FILE,
  MANIFEST_FILE,
  MODEL_FORMAT,
  MODEL_FORMAT_VERSION,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  type Manifest,
  type ManifestFile,
} from '../model-runtime/model/manifest';
import { modelNotFound } from '../model-runtime/model/modelErrors';
import { parseConfig } from '../model-runtime/model/parseConfig';
import { parseSafetensors } from '../model-runtime/model/safetensors';
import { tensorLayouts } from '../model-runtime/model/tensorLayout';
import { convertTensor } from './convertTensors';
import { writeSafetensors } from './safetensorsWriter';

/** Who made the weights and from what: carried along so that the notices stay with the model. */
const NOTICE_FILES = ['LICENSE', 'NOTICE', 'training-data.tsv'];

/**
 * Converts `sourceFolder` (`config.json`, `tokenizer.json`, `model.safetensors`) into a model folder of the product at
 * `targetFolder` (docs/model-format.md). The result is written beside the target, loaded once as the product would,
 * and only then moved into place; an older model there is replaced.
 * Errors: `modelNotFound`, `modelCorrupt` about the source; a plain Error when the target holds something else.
 */
export async function convertModel(
  sourceFolder: string,
  targetFolder: string,
  name = basename(resolve(sourceFolder)),
): Promise<LoadedModel> {
  const target = resolve(targetFolder);
  await refuseForeignFolder(target);
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await mkdir(partial);
  try {
    await writeWeights(sourceFolder, partial);
    for (const file of [CONFIG_FILE, TOKENIZER_FILE]) {
      await writeFile(join(partial, file), await read(join(sourceFolder, file)));
    }
    const present = await readdir(sourceFolder);
    for (const file of NOTICE_FILES.filter((notice) => present.includes(notice))) {
      await writeFile(join(partial, file), await read(join(sourceFolder, file)));
    }
    await writeManifest(partial, name);
    const model = await loadModel(partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
    return model;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function writeWeights(sourceFolder: string, targetFolder: string): Promise<void> {
  const configPath = join(sourceFolder, CONFIG_FILE);
  const config = parseConfig(new TextDecoder().decode(await read(configPath)), configPath);
  const weightsPath = join(sourceFolder, WEIGHTS_FILE);
  const source = parseSafetensors(await read(weightsPath), weightsPath);
  const tensors = tensorLayouts(config).flatMap((layout) =>
    convertTensor(layout, source, weightsPath),
  );
  await writeSafetensors(join(targetFolder, WEIGHTS_FILE), tensors);
}

async function writeManifest(folder: string, name: string): Promise<void> {
  const files: ManifestFile[] = [];
  for (const path of [CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE]) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, path)))
      hash.update(chunk as Uint8Array);
    const { size: sizeBytes } = await stat(join(folder, path));
    files.push({ path, sizeBytes, sha256: hash.digest('hex') });
  }
  const manifest: Manifest = {
    format: MODEL_FORMAT,
    formatVersion: MODEL_FORMAT_VERSION,
    name,
    files,
  };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A whole file in a buffer of its own. */
async function read(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw modelNotFound(path, error);
  }
}

/** The target is replaced as a whole, so it must be new, empty, or a model. */
async function refuseForeignFolder(target: string): Promise<void> {
  const present: string[] = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (present.length > 0 && !present.includes(MANIFEST_FILE)) {
    throw new Error(`${target} is not empty and holds no model; choose another folder.`);
  }
}

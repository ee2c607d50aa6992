import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInfo } from '../protocol/messages';
import { buildWeights } from './buildWeights';
import { modelCorrupt, modelNotFound } from './modelErrors';
import {
  CONFIG_FILE,
  MANIFEST_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  parseManifest,
  type Manifest,
} from './manifest';
import { parseConfig } from './parseConfig';
import { readFileChecked } from './readFileChecked';
import { parseSafetensors } from './safetensors';
import type { ModelWeights } from './weights';

export interface LoadedModel {
  name: string;
  /** Views into one buffer that holds the whole weight file. */
  weights: ModelWeights;
  /** Text of `tokenizer.json`. */
  tokenizerJson: string;
  info: ModelInfo;
}

/**
 * Loads a model folder written by the convert script (docs/model-format.md). Every file's size and SHA-256 is
 * checked against the manifest before the file is used.
 * Errors: `modelNotFound` when the folder or a file is missing; `modelCorrupt` when a file is truncated, altered or
 * inconsistent; `outOfMemory`.
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const manifestPath = join(folder, MANIFEST_FILE);
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const read = (name: string) => readListed(folder, name, manifest);
  const [configBytes, tokenizerBytes, weightBytes] = await Promise.all([
    read(CONFIG_FILE),
    read(TOKENIZER_FILE),
    read(WEIGHTS_FILE),
  ]);
  const decoder = new TextDecoder();
  const config = parseConfig(decoder.decode(configBytes), join(folder, CONFIG_FILE));
  const weightsPath = join(folder, WEIGHTS_FILE);
  const weights = buildWeights(config, parseSafetensors(weightBytes, weightsPath), weightsPath);
  return {
    name: manifest.name,
    weights,
    tokenizerJson: decoder.decode(tokenizerBytes),
    info: {
      name: manifest.name,
      architecture: config.architecture,
      parameters: weights.parameters,
      weightsSizeBytes: weights.sizeBytes,
      layers: config.nLayer,
      vocabSize: config.vocabSize,
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw modelNotFound(path, error);
  }
}

async function readListed(folder: string, name: string, manifest: Manifest): Promise<ArrayBuffer> {
  const listed = manifest.files.find(({ path }) => path === name);
  if (listed === undefined) {
    throw modelCorrupt(join(folder, MANIFEST_FILE), `it does not list ${name}`);
  }
  return readFileChecked(join(folder, name), listed);
}

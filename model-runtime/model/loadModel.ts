import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { ModelInfo, WeightsChoice } from '../protocol/messages';
import { buildWeights } from './buildWeights';
import type { ModelConfig } from './config';
import { neededMemoryBytes } from './memoryNeed';
import { modelCorrupt, modelNotFound } from './modelErrors';
import {
  CONFIG_FILE,
  MANIFEST_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  parseManifest,
  type Manifest,
  type ManifestFile,
} from './manifest';
import { parseConfig } from './parseConfig';
import { readFileChecked, type Allocate } from './readFileChecked';
import { RuntimeError } from '../protocol/errors';
import { parseSafetensors } from './safetensors';
import { countParameters } from './tensorLayout';
import { REGION_PROMPT, type PromptDescription } from './promptDescription';
import type { ModelWeights } from './weights';

/** A model folder whose small files are read. */
export interface OpenedModel {
  name: string;
  config: ModelConfig;
  /** Text of `tokenizer.json`. */
  tokenizerJson: string;
  prompt: PromptDescription;
  /** How the cpu engine is to keep the matrices when the user has no wish of their own. */
  preferredWeights: WeightsChoice;
  info: ModelInfo;
  /** Reads the weights, as views of what `allocate` gives for the whole file. Errors as `openModel`, and `outOfMemory`. */
  readonly loadWeights: (allocate?: Allocate) => Promise<ModelWeights>;
}

export interface LoadedModel extends Omit<OpenedModel, 'loadWeights'> {
  weights: ModelWeights;
}

/**
 * Opens a model folder written by the convert script (docs/model-format.md). Every file's size and SHA-256 is
 * checked against the manifest before the file is used.
 * Errors: `modelNotFound` when the folder or a file is missing; `modelCorrupt` when a file is truncated, altered or
 * inconsistent; `outOfMemory` when the model cannot fit into the `machineBytes` of memory.
 */
export async function openModel(folder: string, machineBytes = totalmem()): Promise<OpenedModel> {
  const manifestPath = join(folder, MANIFEST_FILE);
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const read = async (name: string, allocate?: Allocate) =>
    readFileChecked(join(folder, name), listed(folder, name, manifest), allocate);
  const [configBytes, tokenizerBytes] = await Promise.all([
    read(CONFIG_FILE),
    read(TOKENIZER_FILE),
  ]);
  const decoder = new TextDecoder();
  const config = parseConfig(decoder.decode(configBytes), join(folder, CONFIG_FILE));
  requireMemory(manifest, config, machineBytes);
  const prompt = manifest.prompt ?? (config.specialTokens ? REGION_PROMPT : undefined);
  if (prompt === undefined) {
    throw modelCorrupt(manifestPath, 'neither it nor config.json says how the model is asked');
  }
  return {
    name: manifest.name,
    config,
    tokenizerJson: decoder.decode(tokenizerBytes),
    prompt,
    preferredWeights: manifest.weights ?? 'int8',
    info: {
      name: manifest.name,
      architecture: config.architecture,
      parameters: countParameters(config),
      weightsSizeBytes: listed(folder, WEIGHTS_FILE, manifest).sizeBytes,
      layers: config.nLayer,
      vocabSize: config.vocabSize,
    },
    loadWeights: async (allocate) => {
      const bytes = await read(WEIGHTS_FILE, allocate);
      const path = join(folder, WEIGHTS_FILE);
      return buildWeights(config, parseSafetensors(bytes, path), path);
    },
  };
}

/** Opens a model and reads its weights into one buffer of their own. Errors as both. */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const { loadWeights, ...opened } = await openModel(folder);
  return { ...opened, weights: await loadWeights() };
}

function requireMemory(manifest: Manifest, config: ModelConfig, machineBytes: number): void {
  const needed = neededMemoryBytes(config, manifest.weights ?? 'int8');
  if (needed <= machineBytes) return;
  const [needs, has] = [needed, machineBytes].map((bytes) => (bytes / 1e9).toFixed(1));
  throw new RuntimeError(
    'outOfMemory',
    `The model ${manifest.name} needs ${needs} GB of memory, this machine has ${has} GB. Choose a smaller model.`,
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw modelNotFound(path, error);
  }
}

function listed(folder: string, name: string, manifest: Manifest): ManifestFile {
  const file = manifest.files.find(({ path }) => path === name);
  if (file === undefined) {
    throw modelCorrupt(join(folder, MANIFEST_FILE), `it does not list ${name}`);
  }
  return file;
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelConfig } from '../../model-runtime/model/config';
import { writeConfig } from '../../model-runtime/model/writeConfig';
import { convertModel } from '../../scripts/convertModel';
import { writeSafetensors } from './safetensorsWriter';
import { randomSourceTensors } from './randomModel';

const SPECIAL_TOKENS = ['<|endoftext|>', '<|file_sep|>', '<|fim_suffix|>', '<|fim_middle|>'];
/** A space and a line end as byte-level BPE spells them, then letters and signs. */
const CHARACTERS = 'ĠĊabcdefghijklmnopqrstuvwxyz0123456789(){}[]=;.,:+-*/<>|"_';
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };

/** A byte-level tokenizer of fewer than 96 ids, with the shipped model's special tokens. */
export const TOKENIZER_JSON = JSON.stringify({
  version: '1.0',
  added_tokens: SPECIAL_TOKENS.map((content, id) => ({ id, content, special: true })),
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: null,
  decoder: byteLevel,
  model: {
    type: 'BPE',
    vocab: Object.fromEntries([...SPECIAL_TOKENS, ...CHARACTERS].map((token, id) => [token, id])),
    merges: [],
  },
});

export interface TemporaryFolder extends AsyncDisposable {
  path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mamba-model-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Writes a model before conversion, everything in f32. The same seed gives the weights of `randomModel`. */
export async function writeSourceFolder(
  folder: string,
  config: ModelConfig,
  seed: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), writeConfig(config));
  await writeFile(path.join(folder, 'tokenizer.json'), TOKENIZER_JSON);
  await writeSafetensors(path.join(folder, 'model.safetensors'), randomSourceTensors(config, seed));
}

/** Writes a small model as the product ships one, and returns its folder. */
export async function writeModelFolder(
  parent: string,
  config: ModelConfig,
  seed: number,
): Promise<string> {
  const source = path.join(parent, 'source');
  const model = path.join(parent, 'model');
  await writeSourceFolder(source, config, seed);
  await convertModel(source, model, 'small');
  return model;
}

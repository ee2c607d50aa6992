import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelConfig } from '../../model-runtime/model/config';
import { convertModel } from '../../scripts/convertModel';
import { writeSafetensors } from '../../scripts/safetensorsWriter';
import { randomSourceTensors } from './randomModel';

/** Not a real tokenizer: the loader hands its text on unread. */
export const TOKENIZER_JSON = '{"model":{}}';

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

/** `config.json` as state-spaces/mamba would write it. */
export function configJson(config: ModelConfig): string {
  const { specialTokens: special } = config;
  return JSON.stringify({
    d_model: config.dModel,
    n_layer: config.nLayer,
    vocab_size: config.vocabSize,
    ssm_cfg: {
      d_state: config.dState,
      d_conv: config.dConv,
      expand: config.dInner / config.dModel,
      ...(config.architecture === 'mamba1'
        ? { layer: 'Mamba1', dt_rank: config.dtRank }
        : {
            layer: 'Mamba2',
            headdim: config.headDim,
            ngroups: config.nGroups,
            chunk_size: config.chunkSize,
          }),
    },
    rms_norm: true,
    norm_epsilon: config.normEpsilon,
    tie_embeddings: config.tieEmbeddings,
    special_tokens: {
      endoftext: special.endOfText,
      file_sep: special.fileSeparator,
      fim_suffix: special.fimSuffix,
      fim_middle: special.fimMiddle,
    },
  });
}

/** Writes a model before conversion, everything in f32. The same seed gives the weights of `randomModel`. */
export async function writeSourceFolder(
  folder: string,
  config: ModelConfig,
  seed: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), configJson(config));
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

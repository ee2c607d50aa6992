import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mamba1Config, Mamba2Config } from '../../model-runtime/model/config';
import { loadModel } from '../../model-runtime/model/loadModel';
import { elementsOf, stateBytes } from '../../model-runtime/model/memoryNeed';
import { tensorLayouts } from '../../model-runtime/model/tensorLayout';
import { writeModelFolder } from '../../test/support/modelFolder';
import { createRandom } from '../../test/support/random';
import { smallMamba1, smallMamba2 } from '../../test/support/randomModel';
import { encodeGguf } from '../gguf/ggufFile';
import {
  keyValueBytes,
  transformerMetadata,
  transformerParameters,
  transformerTensors,
  type TransformerConfig,
} from '../gguf/transformer';
import { vocabularyMetadata } from '../gguf/vocabulary';
import { cachedGguf } from '../gguf/writeModel';
import type { LongModel } from './subjects';

const SEED = 20261125;
/** Width, layers and vocabulary of the shipped model. */
const WIDTH = { dModel: 640, nLayer: 24, vocabSize: 16384, dInner: 1280, dConv: 4 };
/** As many parameters as the shipped model's shape in Mamba-2; two heads of keys and values as small models of its age have. */
const TRANSFORMER: TransformerConfig = {
  dModel: 640,
  nLayer: 12,
  vocabSize: 16384,
  heads: 10,
  kvHeads: 2,
  headDim: 64,
  feedForward: 2240,
};

export interface ModelFiles {
  parameters: number;
  /** Of a recurrent state. */
  stateBytes: number;
  /** What every token adds. */
  bytesPerToken: number;
  /** Absent for the transformer. */
  folder?: string;
  /** Path of the same weights in Q8_0; written when it is asked for. */
  gguf(): Promise<string>;
}

/** The random model of that kind, kept under `cacheFolder`. `dState` is the state's size for each channel. */
export async function modelFiles(
  model: LongModel,
  dState: number,
  cacheFolder: string,
  tokenizerFile: string,
): Promise<ModelFiles> {
  await mkdir(cacheFolder, { recursive: true });
  if (model === 'transformer') {
    return {
      parameters: transformerParameters(TRANSFORMER),
      stateBytes: 0,
      bytesPerToken: keyValueBytes(TRANSFORMER, 1),
      gguf: () => transformerGguf(cacheFolder, tokenizerFile),
    };
  }
  const config = mambaConfig(model, dState);
  const folder = join(cacheFolder, `random-${model}-${dState}`);
  if (!existsSync(folder)) await writeFolder(folder, config);
  return {
    parameters: tensorLayouts(config).reduce((sum, layout) => sum + elementsOf(layout), 0),
    stateBytes: stateBytes(config),
    bytesPerToken: 0,
    folder,
    gguf: async () => cachedGguf(folder, cacheFolder, 'Q8_0', await loadModel(folder)),
  };
}

function mambaConfig(model: 'mamba1' | 'mamba2', dState: number): Mamba1Config | Mamba2Config {
  const sizes = { ...WIDTH, dState };
  if (model === 'mamba1') return smallMamba1({ ...sizes, dtRank: WIDTH.dModel / 16 });
  const headDim = 64;
  return smallMamba2({
    ...sizes,
    headDim,
    nHeads: WIDTH.dInner / headDim,
    nGroups: 1,
    chunkSize: 128,
  });
}

async function writeFolder(folder: string, config: Mamba1Config | Mamba2Config): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished);
  await rename(await writeModelFolder(unfinished, config, SEED), folder);
  await rm(unfinished, { recursive: true });
}

async function transformerGguf(cacheFolder: string, tokenizerFile: string): Promise<string> {
  const path = join(cacheFolder, 'random-transformer-Q8_0.gguf');
  if (existsSync(path)) return path;
  const tokenizerJson = await readFile(tokenizerFile, 'utf8');
  const metadata = new Map([
    ...transformerMetadata('Random transformer', TRANSFORMER),
    ...vocabularyMetadata(tokenizerJson, TRANSFORMER.vocabSize, undefined),
  ]);
  const unfinished = `${path}.${process.pid}`;
  const file = await open(unfinished, 'w');
  try {
    const tensors = transformerTensors(TRANSFORMER, createRandom(SEED));
    for (const part of encodeGguf(metadata, tensors)) await file.writeFile(part);
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  return path;
}

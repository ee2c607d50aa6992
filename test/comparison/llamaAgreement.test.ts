import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLlamaSubject } from '../../bench/subjects/llamaSubject';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { floatModel, writeGguf } from '../support/checkpoints';
import { relativeL2 } from '../support/compare';
import { temporaryFolder } from '../support/modelFolder';
import { createRandom, randomTokens } from '../support/random';
import { smallMamba1, smallMamba2 } from '../support/randomModel';

/** llama.cpp is installed there (`npm run test:comparison` does it). */
const BENCH_FOLDER = path.resolve(__dirname, '../../bench');
const SEED = 20261125;
/** f32 against f64. */
const LIMIT = 1e-4;

describe('the reference engine', () => {
  it.each([
    ['Mamba-1', smallMamba1()],
    ['Mamba-1 with a head of its own', smallMamba1({ tieEmbeddings: false })],
    ['Mamba-2 with one group', smallMamba2({ nGroups: 1 })],
    ['Mamba-2 with several groups', smallMamba2({ nGroups: 2 })],
  ])('gives the logits of llama.cpp on the same weights in F32: %s', async (_name, config) => {
    await using folder = await temporaryFolder();
    const modelPath = path.join(folder.path, 'model.gguf');
    await writeGguf(modelPath, config, SEED, 'F32');
    const llama = await createLlamaSubject({
      engine: 'llama.cpp',
      weights: 'F32',
      threads: 1,
      modelPath,
      benchFolder: BENCH_FOLDER,
    });
    const tokens = randomTokens(createRandom(SEED), 24, config.vocabSize);
    const ids = Array.from({ length: config.vocabSize }, (_, id) => id);
    const theirs = await llama.logits([...tokens], ids);
    const reference = createReferenceEngine(floatModel(config, SEED, 'F32'));
    const ours = await reference.prefill(tokens, reference.createState());
    expect(relativeL2(theirs, ours)).toBeLessThan(LIMIT);
  });
});

import { createHash } from 'node:crypto';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadModel, openModel } from '../../../model-runtime/model/loadModel';
import type { Manifest } from '../../../model-runtime/model/manifest';
import { writeSafetensors, type OutputTensor } from '../../support/safetensorsWriter';
import { TOKENIZER_JSON, temporaryFolder, writeModelFolder } from '../../support/modelFolder';
import { randomModel, randomTensors, smallMamba1, smallMamba2 } from '../../support/randomModel';

const WEIGHTS = 'model.safetensors';
const config = smallMamba2({ nLayer: 1 });

test.each([smallMamba1(), smallMamba2(), smallMamba2({ tieEmbeddings: false })])(
  'loads what the converter wrote: $architecture',
  async (small) => {
    await using folder = await temporaryFolder();
    const written = await writeModelFolder(folder.path, small, 1);
    const model = await loadModel(written);
    const expected = randomModel(small, 1);
    expect(model.weights).toEqual(expected);
    expect(model.tokenizerJson).toBe(TOKENIZER_JSON);
    expect(model.info).toEqual({
      name: 'small',
      architecture: small.architecture,
      parameters: expected.parameters,
      weightsSizeBytes: (await stat(path.join(written, WEIGHTS))).size,
      layers: 3,
      vocabSize: 96,
    });
  },
);

test('reads the weights into the memory that it is given', async () => {
  await using folder = await temporaryFolder();
  const model = await openModel(await writeModelFolder(folder.path, config, 1));
  const memory = new SharedArrayBuffer(2 ** 20);
  const weights = await model.loadWeights((size) => new Uint8Array(memory, 64, size));
  expect(weights.embedding.values.buffer).toBe(memory);
  expect(weights).toEqual(randomModel(config, 1));
});

test('all weights are views of one buffer that holds the file once', async () => {
  await using folder = await temporaryFolder();
  const { weights } = await loadModel(await writeModelFolder(folder.path, config, 1));
  expect(weights.layers[0].outProj.values.buffer).toBe(weights.embedding.values.buffer);
  expect(weights.layers[0].norm.buffer).toBe(weights.embedding.values.buffer);
});

describe('says modelNotFound and what to do when there is no', () => {
  test.each(['manifest.json', 'config.json', 'tokenizer.json', WEIGHTS])('%s', async (file) => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    await rm(path.join(model, file));
    await expect(loadModel(model)).rejects.toMatchObject({
      code: 'modelNotFound',
      message: expect.stringMatching(new RegExp(`${file}.*Reinstall`)) as string,
    });
  });

  test('folder', async () => {
    await using folder = await temporaryFolder();
    await expect(loadModel(path.join(folder.path, 'nowhere'))).rejects.toMatchObject({
      code: 'modelNotFound',
    });
  });
});

describe('says modelCorrupt and what to do about', () => {
  test.each(['config.json', 'tokenizer.json', WEIGHTS])('a truncated %s', async (file) => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    await truncate(path.join(model, file), 10);
    await expectCorrupt(model, `${file}.*has 10 bytes instead of`);
  });

  test.each(['config.json', 'tokenizer.json', WEIGHTS])('one altered bit in %s', async (file) => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    const bytes = await readFile(path.join(model, file));
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path.join(model, file), bytes);
    await expectCorrupt(model, `${file}.*SHA-256`);
  });

  test.each<[string, (manifest: Manifest) => unknown]>([
    ['"format"', (manifest) => ({ ...manifest, format: 'other' })],
    ['"formatVersion"', (manifest) => ({ ...manifest, formatVersion: 2 })],
    ['plain file name', (m) => ({ ...m, files: [{ ...m.files[0], path: '../config.json' }] })],
    ['"files.0.sha256"', (m) => ({ ...m, files: [{ ...m.files[0], sha256: 'ab' }] })],
    ['does not list config.json', (manifest) => ({ ...manifest, files: manifest.files.slice(1) })],
  ])('a manifest that is wrong: %s', async (problem, change) => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    await changeManifest(model, change);
    await expectCorrupt(model, problem);
  });

  test('a manifest that is not JSON', async () => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    await writeFile(path.join(model, 'manifest.json'), '{');
    await expectCorrupt(model, 'manifest.json.*not JSON');
  });

  const norm = 'backbone.norm_f.weight';
  const embedding = 'backbone.embedding.weight';
  test.each<[string, (tensors: OutputTensor[]) => OutputTensor[], string]>([
    ['a missing vector', without(norm), `${norm} is missing`],
    ['a missing matrix', without(embedding), `${embedding} is missing`],
    ['missing scales', without(`${embedding}.scale`), `${embedding}.scale is missing`],
    [
      'an unknown tensor',
      (tensors) => [...tensors, { ...tensors[0], name: 'lm_head.weight' }],
      'lm_head.weight does not belong',
    ],
    ['a wrong shape', changed(norm, { shape: [16, 2] }), 'is F32 \\[16, 2\\], not F32 \\[32\\]'],
    [
      'a wrong type',
      changed(norm, { dtype: 'I8', values: new Int8Array(32) }),
      'is I8 \\[32\\], not F32',
    ],
  ])('%s, although size and hash are right', async (_name, change, problem) => {
    await using folder = await temporaryFolder();
    const model = await writeModelFolder(folder.path, config, 1);
    const file = path.join(model, WEIGHTS);
    await rm(file);
    await writeSafetensors(file, change(randomTensors(config, 1)));
    const bytes = await readFile(file);
    await changeManifest(model, (manifest) => ({
      ...manifest,
      files: manifest.files.map((listed) =>
        listed.path === WEIGHTS
          ? {
              path: WEIGHTS,
              sizeBytes: bytes.length,
              sha256: createHash('sha256').update(bytes).digest('hex'),
            }
          : listed,
      ),
    }));
    await expectCorrupt(model, problem);
  });
});

function without(name: string) {
  return (tensors: OutputTensor[]) => tensors.filter((tensor) => tensor.name !== name);
}

function changed(name: string, change: Partial<OutputTensor>) {
  return (tensors: OutputTensor[]) =>
    tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor));
}

async function changeManifest(model: string, change: (manifest: Manifest) => unknown) {
  const file = path.join(model, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  await writeFile(file, JSON.stringify(change(manifest)));
}

async function expectCorrupt(model: string, problem: string): Promise<void> {
  await expect(loadModel(model)).rejects.toMatchObject({
    code: 'modelCorrupt',
    message: expect.stringMatching(new RegExp(`${problem}.*Reinstall`, 's')) as string,
  });
}

test('refuses a model that cannot fit into the memory, with the figures, before it reads the weights', async () => {
  await using folder = await temporaryFolder();
  const model = await writeModelFolder(folder.path, config, 1);
  await rm(path.join(model, WEIGHTS));
  await expect(openModel(model, 100e6)).rejects.toMatchObject({
    code: 'outOfMemory',
    message: expect.stringMatching(
      /small needs 0\.2 GB of memory, this machine has 0\.1 GB/,
    ) as string,
  });
});

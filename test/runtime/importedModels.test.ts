import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { prepareText } from '../../model-runtime/generation/promptFormat';
import type { ModelConfig } from '../../model-runtime/model/config';
import { loadModel } from '../../model-runtime/model/loadModel';
import { quantize } from '../../model-runtime/model/quantize';
import { isMamba2, type Matrix, type ModelWeights } from '../../model-runtime/model/weights';
import { convertModel } from '../../scripts/convertModel';
import {
  floatModel,
  writeCheckpoint,
  writeGguf,
  type CheckpointForm,
} from '../support/checkpoints';
import { relativeL2 } from '../support/compare';
import { ENGINES } from '../support/engines';
import { temporaryFolder } from '../support/modelFolder';
import { naiveLogits } from '../support/naiveModel';
import { createRandom, randomTokens } from '../support/random';
import { smallMamba1, smallMamba2 } from '../support/randomModel';

const SEED = 20261125;
/** f64 against f64 with other formulas, logits in f32. */
const OTHER_FORMULATION = 1e-6;
/** A is kept as its logarithm, which has an error of its own in f32. */
const FROM_GGUF = 1e-6;

const mamba1 = smallMamba1();
const mamba2 = smallMamba2({ nGroups: 1 });
const grouped = smallMamba2();
const untied = { tieEmbeddings: false };
const beforeGate = {
  normBeforeGate: true,
  hasProjectionBias: true,
  dtLimit: [0.02, 0.08],
} as const;

const safetensors = [
  [mamba1, { dialect: 'mamba_ssm', dtype: 'F32' }],
  [mamba1, { dialect: 'transformers', dtype: 'BF16', shards: 3 }],
  [smallMamba1({ hasProjectionBias: true, ...untied }), { dialect: 'transformers', dtype: 'F16' }],
  [mamba2, { dialect: 'transformers', dtype: 'F32' }],
  [mamba2, { dialect: 'mamba_ssm', dtype: 'F16', shards: 2 }],
  [grouped, { dialect: 'mamba_ssm', dtype: 'BF16' }],
  [smallMamba2(untied), { dialect: 'transformers', dtype: 'BF16', shards: 2 }],
  [smallMamba2(beforeGate), { dialect: 'mamba_ssm', dtype: 'F32' }],
  [smallMamba2({ dtLimit: [0.02, 0.08] }), { dialect: 'transformers', dtype: 'F32' }],
] as const satisfies [typeof mamba1 | typeof mamba2, CheckpointForm][];

const gguf = [
  [mamba1, 'F32'],
  [mamba1, 'F16'],
  [mamba1, 'Q8_0'],
  [smallMamba1(untied), 'F16'],
  [mamba2, 'F32'],
  [grouped, 'F32'],
  [grouped, 'F16'],
  [smallMamba2(untied), 'Q8_0'],
] as const;

function describeModel(config: ModelConfig, form: object | string): string {
  const { architecture, tieEmbeddings, hasProjectionBias } = config;
  const groups = config.architecture === 'mamba2' ? `, ${config.nGroups} groups` : '';
  return `${architecture}${groups}${tieEmbeddings ? '' : ', untied'}${hasProjectionBias ? ', biases' : ''}: ${JSON.stringify(form)}`;
}

/** The numbers of a published checkpoint, its matrices quantized once. */
function quantized(weights: ModelWeights): ModelWeights {
  const matrix = (m: Matrix): Matrix =>
    m.kind === 'f32' && m.cols % 32 === 0 ? quantize(m.values, m.rows, m.cols) : m;
  const embedding = matrix(weights.embedding);
  const head = weights.config.tieEmbeddings ? embedding : matrix(weights.head);
  if (isMamba2(weights)) {
    const layers = weights.layers.map((layer) => ({
      ...layer,
      inProj: matrix(layer.inProj),
      outProj: matrix(layer.outProj),
    }));
    return { ...weights, embedding, head, layers };
  }
  const layers = weights.layers.map((layer) => ({
    ...layer,
    inProj: matrix(layer.inProj),
    outProj: matrix(layer.outProj),
    xProj: matrix(layer.xProj),
  }));
  return { ...weights, embedding, head, layers };
}

async function expectEnginesAgree(weights: ModelWeights): Promise<Float32Array> {
  const tokens = randomTokens(createRandom(SEED), 20, weights.config.vocabSize);
  const reference = createReferenceEngine(weights);
  const expected = await reference.prefill(tokens, reference.createState(), { rows: 'all' });
  expect(relativeL2(expected, naiveLogits(weights, tokens).flat())).toBeLessThan(OTHER_FORMULATION);
  for (const { name, create, smallModelLimit, refuses } of ENGINES) {
    if (refuses?.(weights.config)) continue;
    const engine = await create(weights);
    const logits = await engine.prefill(tokens, engine.createState(), { rows: 'all' });
    expect(relativeL2(logits, expected), name).toBeLessThan(smallModelLimit);
    await engine.dispose();
  }
  return expected;
}

describe('a checkpoint in safetensors', () => {
  it.each(
    safetensors.map(([config, form]) => ({ config, form, name: describeModel(config, form) })),
  )('is imported as it was written and runs on every engine: $name', async ({ config, form }) => {
    await using folder = await temporaryFolder();
    const source = path.join(folder.path, 'checkpoint');
    await writeCheckpoint(source, config, SEED, form);
    const { weights } = await convertModel(source, path.join(folder.path, 'model'));
    expect(weights.config).toEqual({ ...config, specialTokens: undefined });
    const { layers, embedding, head, normF } = quantized(floatModel(config, SEED, form.dtype));
    const { layers: loaded, ...rest } = weights;
    expect(rest).toMatchObject({ embedding, head, normF });
    expect(loaded).toEqual(layers);
    await expectEnginesAgree(weights);
  });
});

describe('a GGUF file', () => {
  const cases = gguf.map(([config, type]) => ({ config, type, name: describeModel(config, type) }));
  it.each(cases)('is imported and runs on every engine: $name', async ({ config, type }) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'tiny.gguf');
    await writeGguf(file, config, SEED, type);
    const model = await convertModel(file, path.join(folder.path, 'model'));
    expect(model.name).toBe('Tiny Mamba');
    const dtype = type === 'F16' ? 'F16' : 'F32';
    const expected = quantized(floatModel(config, SEED, dtype));
    expect(model.weights.embedding).toEqual(expected.embedding);
    expect(model.weights.head).toEqual(expected.head);
    expect(model.weights.layers.map(({ inProj }) => inProj)).toEqual(
      expected.layers.map(({ inProj }) => inProj),
    );
    // Vectors stay in f32 in files of every type.
    for (const [i, { aLog }] of floatModel(config, SEED, 'F32').layers.entries()) {
      expect(relativeL2(model.weights.layers[i].aLog, aLog)).toBeLessThan(FROM_GGUF);
    }
    await expectEnginesAgree(model.weights);
  });

  it('brings its own vocabulary and the tokens that end a text', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'tiny.gguf');
    await writeGguf(file, mamba1, SEED, 'F16');
    const model = await convertModel(file, path.join(folder.path, 'model'));
    const { tokenizer, format } = prepareText(model);
    const text = 'if (a1 == b2) {\n  return "x";\n}\n<|fim_middle|>';
    const ids = tokenizer.encode(text);
    expect(tokenizer.decode([...ids])).toBe(text);
    expect(Math.min(...ids)).toBeGreaterThan(3);
    expect(format.isStop(0)).toBe(true);
    expect(format.isStop(ids[0])).toBe(false);
    expect(format.isStop(mamba1.vocabSize - 1)).toBe(true);
  });
});

it('the folder of an import loads again, int4 remembered', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'checkpoint');
  await writeCheckpoint(source, grouped, SEED, { dialect: 'transformers', dtype: 'F16' });
  const target = path.join(folder.path, 'model');
  await convertModel(source, target, 'Four bits', 'int4');
  const model = await loadModel(target);
  expect(model.name).toBe('Four bits');
  expect(model.preferredWeights).toBe('int4');
});

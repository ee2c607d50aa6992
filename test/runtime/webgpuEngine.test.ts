import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecurrentState } from '../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { fastestProducts } from '../../model-runtime/engines/webgpu/chooseProducts';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import { quantizeInt4 } from '../../kernels/linear/quantize_int4';
import { loadModel } from '../../model-runtime/model/loadModel';
import { isMamba2, type Matrix, type ModelWeights } from '../../model-runtime/model/weights';
import { argmax, logProbabilityOf, type SampledToken } from '../../model-runtime/sampling/sample';
import { relativeL2 } from '../support/compare';
import { SOFTWARE_GPU } from '../support/engines';
import { firstLayers } from '../support/firstLayers';
import { goldenPrompts } from '../support/golden';
import { MODEL_FOLDER } from '../support/model';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The first three layers, which are all of the models here. */
async function expectSameLayers(state: RecurrentState, expected: RecurrentState): Promise<void> {
  for (let layer = 0; layer < 3; layer++) {
    const [actual, truth] = [await state.exportLayer(layer), await expected.exportLayer(layer)];
    expect(relativeL2(actual.ssm, truth.ssm)).toBeLessThan(1e-5);
    expect(relativeL2(actual.conv, truth.conv)).toBeLessThan(1e-5);
  }
}

it('gives the logits and states of the reference for the first three layers of the shipped model', async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  const three = firstLayers(weights, 3);
  const [reference, engine] = [
    createReferenceEngine(three),
    await createWebgpuEngine(three, SOFTWARE_GPU),
  ];
  const [expectedState, state] = [reference.createState(), engine.createState()];
  const [prompt] = goldenPrompts();
  const ids = Int32Array.from(prompt.ids.slice(0, 21));
  const read = ids.subarray(0, 20);
  const expected = await reference.prefill(read, expectedState);
  expect(relativeL2(await engine.prefill(read, state), expected)).toBeLessThan(1e-5);
  const expectedNext = await reference.decode(ids[20], expectedState);
  expect(relativeL2(await engine.decode(ids[20], state), expectedNext)).toBeLessThan(1e-5);
  await expectSameLayers(state, expectedState);
  await engine.dispose();
});

describe('greedy decoding on the device', () => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await createWebgpuEngine(randomModel(smallMamba2(), 4), SOFTWARE_GPU);
  });
  afterAll(() => engine.dispose());

  /** The first `count` tokens after 5, in submissions of `tokensPerSubmit`. */
  async function chosen(count: number, tokensPerSubmit: number) {
    const state = engine.createState();
    await engine.prefill(Int32Array.of(9, 8, 7), state);
    const all = [];
    for await (const some of engine.chooseTokens(5, state, { tokensPerSubmit })) {
      expect(some).toHaveLength(tokensPerSubmit);
      all.push(...some);
      if (all.length >= count) break;
    }
    return all.slice(0, count);
  }

  it('chooses what the host would choose, in submissions of any size', async () => {
    const state = engine.createState();
    await engine.prefill(Int32Array.of(9, 8, 7), state);
    const expected: SampledToken[] = [];
    for (let token = 5; expected.length < 9; token = expected[expected.length - 1].token) {
      const logits = await engine.decode(token, state);
      const best = argmax(logits);
      expected.push({
        token: best,
        logProbability: logProbabilityOf(best, logits, logits[best]),
      });
    }
    for (const tokensPerSubmit of [1, 2, 5]) {
      const tokens = await chosen(9, tokensPerSubmit);
      expect(tokens.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
      tokens.forEach(({ logProbability }, i) => {
        expect(logProbability).toBeCloseTo(expected[i].logProbability, 4);
      });
    }
  });

  it('stops at the next submission when it is told to, and can start again', async () => {
    const abort = new AbortController();
    const reason = new Error('A key was pressed.');
    const state = engine.createState();
    const running = async () => {
      for await (const some of engine.chooseTokens(5, state, {
        tokensPerSubmit: 2,
        signal: abort.signal,
      })) {
        expect(some).toHaveLength(2);
        abort.abort(reason);
      }
    };
    await expect(running()).rejects.toBe(reason);
    expect(await chosen(4, 4)).toHaveLength(4);
  });

  it.each([0, 65])('refuses %i tokens in a submission', async (tokensPerSubmit) => {
    const tokens = engine.chooseTokens(5, engine.createState(), { tokensPerSubmit });
    await expect(tokens.next()).rejects.toMatchObject({ code: 'internal' });
  });
});

it.each([
  ['Mamba-1', randomModel(smallMamba1(), 6), 'f32'],
  ['Mamba-2', randomModel(smallMamba2(), 6), 'f32'],
  ['Mamba-2, packed', randomModel(smallMamba2(), 6), 'packed'],
] as const)('reads the same whatever the pieces: %s', async (_, weights, products) => {
  // Where two f32 differ in their last bit, what they are rounded to may differ by a step.
  const limit = products === 'packed' ? 1e-4 : 1e-5;
  const options = { ...SOFTWARE_GPU, maxChunkTokens: 200, products };
  const engine = await createWebgpuEngine(weights, options);
  const tokens = randomTokens(createRandom(6), 200, 96);
  const whole = engine.createState();
  const expected = await engine.prefill(tokens, whole);
  for (const cuts of [[1], [63, 65], [64, 129], [3, 100, 101, 199]]) {
    const state = engine.createState();
    let logits: Float32Array = new Float32Array();
    for (const [i, end] of [...cuts, 200].entries()) {
      logits = await engine.prefill(tokens.subarray(i > 0 ? cuts[i - 1] : 0, end), state);
    }
    expect(relativeL2(logits, expected)).toBeLessThan(limit);
    const [actual, truth] = [await state.exportLayer(2), await whole.exportLayer(2)];
    expect(relativeL2(actual.ssm, truth.ssm)).toBeLessThan(limit);
    expect(relativeL2(actual.conv, truth.conv)).toBeLessThan(limit);
  }
  await engine.dispose();
});

/** What a model with int4 weights computes with: the matrices inside the blocks rounded, the others as they are. */
function roundedInt4(weights: ModelWeights): ModelWeights {
  const rounded = (matrix: Matrix) => (matrix.kind === 'int8' ? quantizeInt4(matrix) : matrix);
  if (isMamba2(weights)) {
    const layers = weights.layers.map((layer) => ({
      ...layer,
      inProj: rounded(layer.inProj),
      outProj: rounded(layer.outProj),
    }));
    return { ...weights, layers };
  }
  const layers = weights.layers.map((layer) => ({
    ...layer,
    inProj: rounded(layer.inProj),
    xProj: rounded(layer.xProj),
    outProj: rounded(layer.outProj),
  }));
  return { ...weights, layers };
}

it.each([
  ['Mamba-1', randomModel(smallMamba1({ hasProjectionBias: true }), 7)],
  ['Mamba-2', randomModel(smallMamba2({ tieEmbeddings: false }), 7)],
])(
  'computes with int4 weights what the reference does with the same ones: %s',
  async (_, weights) => {
    const engine = await createWebgpuEngine(weights, { ...SOFTWARE_GPU, weights: 'int4' });
    expect(engine.info.weights).toBe('int4');
    const reference = createReferenceEngine(roundedInt4(weights));
    const tokens = randomTokens(createRandom(7), 40, 96);
    const [state, expectedState] = [engine.createState(), reference.createState()];
    const expected = await reference.prefill(tokens, expectedState, { rows: 'all' });
    const logits = await engine.prefill(tokens, state, { rows: 'all' });
    expect(relativeL2(logits, expected)).toBeLessThan(1e-5);
    const next = await reference.decode(5, expectedState);
    expect(relativeL2(await engine.decode(5, state), next)).toBeLessThan(1e-5);
    await expectSameLayers(state, expectedState);
    const unrounded = createReferenceEngine(weights);
    const exact = await unrounded.prefill(tokens, unrounded.createState(), { rows: 'all' });
    expect(relativeL2(logits, exact)).toBeGreaterThan(1e-3);
    await engine.dispose();
  },
);

it('keeps a model in f32 as it is, whatever weights are asked for', async () => {
  const odd = randomModel(smallMamba2({ dModel: 20, dInner: 40, headDim: 10, nGroups: 1 }), 4);
  const engine = await createWebgpuEngine(odd, { ...SOFTWARE_GPU, weights: 'int4' });
  expect(engine.info.weights).toBe('f32');
  await engine.dispose();
});

it.each([
  ['Mamba-1', randomModel(smallMamba1({ hasProjectionBias: true }), 8), 'int8'],
  ['Mamba-2', randomModel(smallMamba2({ tieEmbeddings: false }), 8), 'int4'],
] as const)(
  'prefills with packed integers nearly what f32 gives: %s',
  async (_, model, weights) => {
    const tokens = randomTokens(createRandom(8), 64, 96);
    const results = [];
    for (const engine of [
      createReferenceEngine(weights === 'int4' ? roundedInt4(model) : model),
      await createWebgpuEngine(model, { ...SOFTWARE_GPU, weights, products: 'packed' }),
    ]) {
      const state = engine.createState();
      const rows = await engine.prefill(tokens, state, { rows: 'all' });
      const next = await engine.decode(5, state);
      results.push([...rows, ...next, ...(await state.exportLayer(2)).ssm]);
      await engine.dispose();
    }
    const [expected, packed] = results;
    expect(relativeL2(packed, expected)).toBeLessThan(1e-4);
    // In f32 it would be closer: the other kernel really ran.
    expect(relativeL2(packed, expected)).toBeGreaterThan(2e-6);
  },
);

describe('what prefill multiplies in', () => {
  it.each([
    [{}, 'f32'],
    [{ f32: 1 }, 'f32'],
    [{ f32: 1, packed: 0.9, f16: 1.2 }, 'f32'],
    [{ f32: 1, packed: 0.8, f16: 0.9 }, 'packed'],
    [{ f32: 1, packed: 0.8, f16: 0.5 }, 'f16'],
    [{ f32: 1, packed: 0.4, f16: 0.5 }, 'packed'],
  ] as const)('is with the times %o: %s', (times, products) => {
    expect(fastestProducts(times)).toBe(products);
  });

  it('is measured where that is asked for, and f32 on this device otherwise', async () => {
    const model = randomModel(smallMamba2(), 4);
    const usual = await createWebgpuEngine(model, SOFTWARE_GPU);
    expect(usual.info).toMatchObject({ arithmetic: 'f32', productTimes: undefined });
    await usual.dispose();

    const measured = await createWebgpuEngine(model, { ...SOFTWARE_GPU, products: 'fastest' });
    const { arithmetic, productTimes = {} } = measured.info;
    expect(Object.keys(productTimes)).toEqual(['f32', 'packed']);
    const isPacked = fastestProducts(productTimes) === 'packed';
    expect(arithmetic).toBe(isPacked ? 'int8' : 'f32');
    const logits = await measured.prefill(Int32Array.of(1, 2, 3), measured.createState());
    expect(logits.every(Number.isFinite)).toBe(true);
    await measured.dispose();
  });

  it('is not measured for a model in f32', async () => {
    const odd = randomModel(smallMamba2({ dModel: 20, dInner: 40, headDim: 10, nGroups: 1 }), 4);
    const engine = await createWebgpuEngine(odd, { ...SOFTWARE_GPU, products: 'fastest' });
    expect(engine.info).toMatchObject({ arithmetic: 'f32', productTimes: undefined });
    await engine.dispose();
  });
});

describe('what cannot run', () => {
  it('says so of an adapter in software, which users never get', async () => {
    const creation = createWebgpuEngine(randomModel(smallMamba2(), 4));
    await expect(creation).rejects.toMatchObject({
      code: 'engineUnavailable',
      message: expect.stringMatching(/SwiftShader.* computes on the processor/) as string,
    });
  });

  it('says so of a model whose vectors are not whole fours', async () => {
    const odd = randomModel(smallMamba2({ dInner: 36, headDim: 9, nHeads: 4, nGroups: 2 }), 4);
    await expect(createWebgpuEngine(odd, SOFTWARE_GPU)).rejects.toMatchObject({
      code: 'engineUnavailable',
      message: expect.stringContaining('dInner / nGroups') as string,
    });
  });
});

it('measures how many tokens a call may have', async () => {
  const engine = await createWebgpuEngine(randomModel(smallMamba2({ nLayer: 1 }), 4), {
    allowsSoftware: true,
  });
  const { maxChunkTokens, device, features } = engine.info;
  expect(maxChunkTokens % 64).toBe(0);
  expect(maxChunkTokens).toBeGreaterThanOrEqual(64);
  expect(maxChunkTokens).toBeLessThanOrEqual(2048);
  expect(device).toContain('SwiftShader');
  expect(features).toContain('core-features-and-limits');
  await engine.dispose();
});

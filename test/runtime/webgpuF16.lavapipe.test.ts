import { expect, it, vi } from 'vitest';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { loadModel } from '../../model-runtime/model/loadModel';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { relativeL2 } from '../support/compare';
import { SOFTWARE_GPU } from '../support/engines';
import { firstLayers } from '../support/firstLayers';
import { argmax, goldenPrompts } from '../support/golden';
import { MODEL_FOLDER } from '../support/model';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

/** Relative L2 of logits and of states: measured 2e-4 and 7e-4 on the shipped model's layers. */
const LIMIT = 3e-3;

function createF16(weights: ModelWeights, maxChunkTokens = 64): Promise<WebgpuEngine> {
  return createWebgpuEngine(weights, { ...SOFTWARE_GPU, maxChunkTokens, products: 'f16' });
}

/** Logits after all of `tokens`, and the last layer's state. */
async function results(engine: Engine, tokens: Int32Array, pieces = [tokens.length]) {
  const state = engine.createState();
  let logits = new Float32Array();
  let start = 0;
  for (const end of pieces) {
    logits = Float32Array.from(await engine.prefill(tokens.subarray(start, end), state));
    start = end;
  }
  const { ssm, conv } = await state.exportLayer(2);
  state.dispose();
  return { logits, ssm, conv };
}

type Results = Awaited<ReturnType<typeof results>>;

function differences(actual: Results, expected: Results) {
  return {
    logits: relativeL2(actual.logits, expected.logits),
    ssm: relativeL2(actual.ssm, expected.ssm),
    conv: relativeL2(actual.conv, expected.conv),
  };
}

function expectClose(actual: Results, expected: Results, limit: number): void {
  const { logits, ssm, conv } = differences(actual, expected);
  expect(logits).toBeLessThan(limit);
  expect(ssm).toBeLessThan(limit);
  expect(conv).toBeLessThan(limit);
}

it('prefills the first three layers of the shipped model nearly as the reference', async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  const three = firstLayers(weights, 3);
  const [prompt] = goldenPrompts();
  const tokens = Int32Array.from(prompt.ids.slice(0, 60));
  const engine = await createF16(three);
  const actual = await results(engine, tokens);
  const reference = createReferenceEngine(three);
  const expected = await results(reference, tokens);
  expectClose(actual, expected, LIMIT);
  // In f32 it would be closer: the other kernel really ran.
  expect(differences(actual, expected).logits).toBeGreaterThan(2e-6);
  // Decoding is in f32; here its sums go over subgroups of eight.
  const [state, expectedState] = [engine.createState(), reference.createState()];
  for (const token of [300, 301]) {
    const logits = await engine.decode(token, state);
    expect(relativeL2(logits, await reference.decode(token, expectedState))).toBeLessThan(1e-5);
    const choices = engine.chooseTokens(argmax(logits), engine.createState(), { maxTokens: 1 });
    const { value: chosen = [] } = await choices.next();
    const first = await reference.decode(argmax(logits), reference.createState());
    expect(chosen?.map((each) => each.token)).toEqual([argmax(first)]);
  }
  await engine.dispose();
});

it.each([
  ['Mamba-1', randomModel(smallMamba1({ hasProjectionBias: true }), 8)],
  ['Mamba-2', randomModel(smallMamba2({ tieEmbeddings: false }), 8)],
])('prefills %s nearly as the reference, and the same whatever the pieces', async (_, weights) => {
  const engine = await createF16(weights, 200);
  const tokens = randomTokens(createRandom(8), 200, 96);
  const whole = await results(engine, tokens);
  expectClose(
    whole,
    await results(createReferenceEngine(weights), tokens, [64, 128, 192, 200]),
    LIMIT,
  );
  for (const pieces of [[1], [63, 65], [64, 129], [3, 100, 101, 199]]) {
    expectClose(await results(engine, tokens, [...pieces, 200]), whole, LIMIT);
  }
  await engine.dispose();
});

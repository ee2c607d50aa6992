import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import type { Products } from '../../model-runtime/engines/webgpu/products';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { SOFTWARE_GPU } from '../support/engines';
import { expectGolden } from '../support/expectGolden';
import { goldenPrompts } from '../support/golden';
import { MODEL_FOLDER } from '../support/model';

/** On a busy machine. */
const SLOW_TEST_MS = 600_000;

/** Stands for all: each token takes a good tenth of a second. */
const shortest = goldenPrompts().reduce((a, b) => (b.ids.length < a.ids.length ? b : a));

describe('the shipped model on lavapipe', () => {
  let weights: ModelWeights;
  let engine: WebgpuEngine;
  /** It reads the whole prompt in one pass: two tiles of 128 tokens. */
  const create = (products: Products) =>
    createWebgpuEngine(weights, { ...SOFTWARE_GPU, maxChunkTokens: 192, products });
  beforeAll(async () => {
    ({ weights } = await loadModel(MODEL_FOLDER));
    engine = await create('f32');
  }, SLOW_TEST_MS);
  afterAll(() => engine.dispose());

  it(
    'gives the logits, the states and the greedy tokens of the float64 program',
    () => expectGolden(engine, shortest, { logits: 1e-3, states: 1e-3 }),
    SLOW_TEST_MS,
  );

  it(
    'gives the same tokens, and nearly the rest, with products in f16',
    async () => {
      const f16 = await create('f16');
      await expectGolden(f16, shortest, { logits: 1e-3, states: 1e-2 });
      await f16.dispose();
    },
    SLOW_TEST_MS,
  );

  it(
    'chooses the same tokens one by one on the device, by sums over subgroups of eight',
    async () => {
      expect(engine.info.device).toContain('llvmpipe');
      const state = engine.createState();
      const { ids, greedy } = shortest;
      await engine.prefill(Int32Array.from(ids), state);
      const chosen = [];
      for await (const some of engine.chooseTokens(greedy[0], state, { maxTokens: 2 })) {
        chosen.push(...some.map(({ token }) => token));
      }
      expect(chosen).toEqual(greedy.slice(1, 3));
    },
    SLOW_TEST_MS,
  );
});

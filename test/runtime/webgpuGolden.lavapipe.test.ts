import { beforeAll, describe, expect, it } from 'vitest';
import { createWebgpuEngine } from '../../model-runtime/engines/webgpu/webgpuEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { SOFTWARE_GPU } from '../support/engines';
import { expectGolden } from '../support/expectGolden';
import { goldenPrompts } from '../support/golden';
import { MODEL_FOLDER } from '../support/model';

// These kernels run long enough to be worth optimising; see lavapipe.ts.
process.env['GALLIVM_PERF'] = '';

/** On a busy machine. */
const SLOW_TEST_MS = 600_000;

/** Stands for all: each token takes a good tenth of a second. */
const shortest = goldenPrompts().reduce((a, b) => (b.ids.length < a.ids.length ? b : a));

describe('the shipped model on lavapipe', () => {
  let weights: ModelWeights;
  beforeAll(async () => {
    ({ weights } = await loadModel(MODEL_FOLDER));
  }, SLOW_TEST_MS);

  it.each([
    ['f32', { logits: 1e-3, states: 1e-3 }],
    ['f16', { logits: 1e-3, states: 1e-2 }],
  ] as const)(
    'gives the logits, the states and the greedy tokens of the float64 program, with products in %s',
    async (products, limits) => {
      // It reads the whole prompt in one pass: two tiles of 128 tokens.
      const options = { ...SOFTWARE_GPU, maxChunkTokens: 192, products };
      const engine = await createWebgpuEngine(weights, options);
      expect(engine.info.device).toContain('llvmpipe');
      await expectGolden(engine, shortest, limits);
      await engine.dispose();
    },
    SLOW_TEST_MS,
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../model-runtime/engines/engine';
import { loadModel, type LoadedModel } from '../../model-runtime/model/loadModel';
import { ENGINES } from '../support/engines';
import { expectGolden, readAll } from '../support/expectGolden';
import { argmax, goldenPrompts } from '../support/golden';
import { MODEL_FOLDER } from '../support/model';

const prompts = goldenPrompts().map((prompt, i) => ({ name: `prompt ${i}`, prompt }));

/** On a busy machine. */
const SLOW_TEST_MS = 300_000;

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel(MODEL_FOLDER);
}, SLOW_TEST_MS);

/** The webgpu engine reads such a prompt in webgpuGolden.lavapipe.test.ts: SwiftShader takes minutes for it. */
const engines = ENGINES.filter(({ isSlow }) => !isSlow);
const exact = engines.flatMap(({ goldenLimits: limits, ...engine }) =>
  limits ? [{ ...engine, limits }] : [],
);
const decoding = engines.filter(({ name }) => name !== 'onnx in f32');

describe.each(exact)('$name, against an independent float64 program', ({ create, limits }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create(model.weights);
  }, SLOW_TEST_MS);
  afterAll(() => engine.dispose());

  it.each(prompts)(
    'gives the logits, the states and the greedy tokens of $name',
    ({ prompt }) => expectGolden(engine, prompt, limits),
    SLOW_TEST_MS,
  );
});

describe.each(decoding)('$name', ({ create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create(model.weights);
  }, SLOW_TEST_MS);
  afterAll(() => engine.dispose());

  it.each(prompts)(
    'continues $name with the tokens of the float64 program',
    async ({ prompt }) => {
      const state = engine.createState();
      const rows = await readAll(engine, prompt.ids, state);
      const tokens = [argmax(rows[rows.length - 1])];
      while (tokens.length < prompt.greedy.length) {
        tokens.push(argmax(await engine.decode(tokens[tokens.length - 1], state)));
      }
      expect(tokens).toEqual(prompt.greedy);
      state.dispose();
    },
    SLOW_TEST_MS,
  );
});

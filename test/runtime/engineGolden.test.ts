import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { loadModel, type LoadedModel } from '../../model-runtime/model/loadModel';
import { norm, relativeL2 } from '../support/compare';
import { ENGINES } from '../support/engines';
import { MODEL_FOLDER } from '../support/model';
import { repositoryRoot } from '../support/repositoryRoot';

const Numbers = v.array(v.number());
const Golden = v.object({
  prompts: v.array(
    v.object({
      ids: Numbers,
      top: v.array(v.tuple([v.number(), v.number()])),
      meanLogLikelihood: v.number(),
      states: v.array(
        v.object({
          conv: Numbers,
          convNorm: v.number(),
          ssm: Numbers,
          ssmNorm: v.number(),
        }),
      ),
      greedy: Numbers,
    }),
  ),
});
const golden = v.parse(
  Golden,
  JSON.parse(readFileSync(path.join(repositoryRoot(), 'test/fixtures/golden.json'), 'utf8')),
);

const prompts = golden.prompts.map((prompt, i) => ({ name: `prompt ${i}`, prompt }));

/** Of norms, and of mean log-likelihoods. */
const LIMIT = 1e-3;
/** On a busy machine. */
const SLOW_TEST_MS = 300_000;

function argmax(logits: Float32Array): number {
  return logits.indexOf(logits.reduce((best, value) => Math.max(best, value)));
}

/** Reads `ids` in chunks; returns every position's logits. */
async function readAll(engine: Engine, ids: number[], state: RecurrentState) {
  const rows: Float32Array[] = [];
  const { maxChunkTokens, vocabSize } = engine.info;
  for (let start = 0; start < ids.length; start += maxChunkTokens) {
    const chunk = Int32Array.from(ids.slice(start, start + maxChunkTokens));
    const logits = await engine.prefill(chunk, state, { rows: 'all' });
    for (let row = 0; row < chunk.length; row++) {
      rows.push(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
    }
  }
  return rows;
}

function logLikelihood(logits: Float32Array, token: number): number {
  const largest = logits.reduce((best, value) => Math.max(best, value));
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return logits[token] - largest - Math.log(total);
}

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel(MODEL_FOLDER);
}, SLOW_TEST_MS);

/** SLOW_GOLDEN=1 takes the webgpu engine too, which needs minutes for one prompt on a GPU in software. */
const withSlow = process.env['SLOW_GOLDEN'] !== undefined;
const exact = ENGINES.flatMap(({ goldenLimits: limits, ...engine }) =>
  limits && (withSlow || !engine.isSlow) ? [{ ...engine, limits }] : [],
);
const decoding = ENGINES.filter(({ name, isSlow }) => name !== 'onnx in f32' && !isSlow);
/** The shortest prompt stands for all where tokens take seconds. */
const shortest = prompts.reduce((a, b) => (b.prompt.ids.length < a.prompt.ids.length ? b : a));

describe.each(exact)(
  '$name, against an independent float64 program',
  ({ create, limits, isSlow }) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await create(model.weights);
    }, SLOW_TEST_MS);
    afterAll(() => engine.dispose());

    it.each(isSlow ? [shortest] : prompts)(
      'gives the logits, the states and the greedy tokens of $name',
      async ({ prompt }) => {
        const state = engine.createState();
        const rows = await readAll(engine, prompt.ids, state);

        const last = rows[rows.length - 1];
        const top = prompt.top.map(([id]) => last[id]);
        const expectedTop = prompt.top.map(([, logit]) => logit);
        expect(relativeL2(top, expectedTop)).toBeLessThan(limits.logits);
        const likelihoods = prompt.ids.slice(1).map((id, i) => logLikelihood(rows[i], id));
        const mean = likelihoods.reduce((sum, x) => sum + x, 0) / likelihoods.length;
        expect(Math.abs(mean - prompt.meanLogLikelihood)).toBeLessThan(LIMIT);

        for (const [layer, expected] of prompt.states.entries()) {
          const { conv, ssm } = await state.exportLayer(layer);
          const first = (values: Float32Array) => values.subarray(0, expected.conv.length);
          expect(relativeL2(first(conv), expected.conv), `conv ${layer}`).toBeLessThan(
            limits.states,
          );
          expect(relativeL2(first(ssm), expected.ssm), `ssm ${layer}`).toBeLessThan(limits.states);
          expect(Math.abs(norm(conv) / expected.convNorm - 1)).toBeLessThan(LIMIT);
          expect(Math.abs(norm(ssm) / expected.ssmNorm - 1)).toBeLessThan(LIMIT);
        }

        // Each token is the best one after those before it, so greedy decoding gives the whole text. Read as a chunk:
        // f32 decoding unpacks all weights for each token.
        const continued = await readAll(engine, prompt.greedy.slice(0, -1), state);
        expect([last, ...continued].map(argmax)).toEqual(prompt.greedy);
        state.dispose();
      },
      SLOW_TEST_MS,
    );
  },
);

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

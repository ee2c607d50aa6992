import { describe, expect, test } from 'vitest';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import type { ModelConfig } from '../../model-runtime/model/config';
import { relativeL2 } from '../support/compare';
import { naiveLogits } from '../support/naiveModel';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

/** f64 sums in another order, then rounded to f32. */
const SAME = 1e-7;
/** f64 against f64 with other formulas, logits in f32. */
const OTHER_FORMULATION = 1e-6;

const configs: [string, ModelConfig][] = [
  ['Mamba-1', smallMamba1()],
  [
    'Mamba-1 with a head of its own, f32 matrices',
    smallMamba1({ dModel: 20, dInner: 40, dConv: 3, tieEmbeddings: false }),
  ],
  ['Mamba-2 with two groups', smallMamba2()],
  ['Mamba-2 with one group', smallMamba2({ nGroups: 1, dConv: 2 })],
  ['Mamba-1 with biases', smallMamba1({ hasProjectionBias: true })],
  [
    'Mamba-2 with biases and limited steps that normalises before the gate',
    smallMamba2({ hasProjectionBias: true, normBeforeGate: true, dtLimit: [0.02, 0.08] }),
  ],
];

describe.each(configs)('%s', (_name, config) => {
  const weights = randomModel(config, 7);
  const engine = createReferenceEngine(weights);
  const tokens = randomTokens(createRandom(3), 24, config.vocabSize);

  test('equals a formulation without recurrence, at every position', async () => {
    const logits = await engine.prefill(tokens, engine.createState(), { rows: 'all' });
    expect(relativeL2(logits, naiveLogits(weights, tokens).flat())).toBeLessThan(OTHER_FORMULATION);
  });

  test('prefill of a whole equals prefill of its parts and decoding token by token', async () => {
    const whole = engine.createState();
    const expected = await engine.prefill(tokens, whole);
    for (const cut of [1, 2, 3, 13, tokens.length - 1]) {
      const parts = engine.createState();
      await engine.prefill(tokens.slice(0, cut), parts);
      const logits = await engine.prefill(tokens.slice(cut), parts);
      expect(relativeL2(logits, expected)).toBeLessThan(SAME);
      await expectSameStates(parts, whole, config.nLayer);
    }
    const steps = engine.createState();
    let last = new Float32Array();
    for (const token of tokens) last = Float32Array.from(await engine.decode(token, steps));
    expect(relativeL2(last, expected)).toBeLessThan(SAME);
    await expectSameStates(steps, whole, config.nLayer);
  });

  test('all rows of a prefill equal the logits of single steps', async () => {
    const all = await engine.prefill(tokens, engine.createState(), { rows: 'all' });
    const steps = engine.createState();
    for (const [l, token] of tokens.entries()) {
      const row = all.slice(l * config.vocabSize, (l + 1) * config.vocabSize);
      expect(relativeL2(await engine.decode(token, steps), row)).toBeLessThan(SAME);
    }
  });

  test('a restored snapshot gives bit-identical logits, however often and wherever', async () => {
    const state = engine.createState();
    await engine.prefill(tokens.slice(0, 9), state);
    const snapshot = state.snapshot();
    const expected = await engine.prefill(tokens.slice(9), state);

    state.restore(snapshot);
    expect(await engine.prefill(tokens.slice(9), state)).toEqual(expected);
    const other = engine.createState();
    other.restore(snapshot);
    expect(await engine.prefill(tokens.slice(9), other)).toEqual(expected);
  });

  test('a reset state is a new one', async () => {
    const state = engine.createState();
    const expected = await engine.prefill(tokens, state);
    state.reset();
    expect(await engine.prefill(tokens, state)).toEqual(expected);
  });

  test('states depend on what was read', async () => {
    const [a, b] = [engine.createState(), engine.createState()];
    await engine.prefill(tokens, a);
    await engine.prefill(tokens.toReversed(), b);
    const [left, right] = [await a.exportLayer(0), await b.exportLayer(0)];
    expect(relativeL2(left.ssm, right.ssm)).toBeGreaterThan(0.01);
  });

  test('reports its state in its true size', async () => {
    const state = engine.createState();
    const layer = await state.exportLayer(0);
    const bytes = 8 * config.nLayer * (layer.conv.length + layer.ssm.length);
    expect(state.sizeBytes).toBe(bytes);
    expect(engine.info.stateSizeBytes).toBe(bytes);
    expect(state.snapshot().sizeBytes).toBe(bytes);
  });
});

describe('misuse and cancellation', () => {
  const engine: Engine = createReferenceEngine(randomModel(smallMamba2({ nLayer: 1 }), 1));
  const internal = { code: 'internal' };

  test('a call aborted before it starts throws the reason and leaves the state as it was', async () => {
    const state = engine.createState();
    await engine.decode(5, state);
    const before = await state.exportLayer(0);
    const reason = new Error('a newer request came');
    const signal = AbortSignal.abort(reason);
    await expect(engine.decode(6, state, signal)).rejects.toBe(reason);
    await expect(engine.prefill(Int32Array.of(6), state, { signal })).rejects.toBe(reason);
    expect(await state.exportLayer(0)).toEqual(before);
  });

  test.each([[-1], [96], [5, 1000]])(
    'a token outside the vocabulary is refused: %j',
    async (...tokens) => {
      const state = engine.createState();
      const before = await state.exportLayer(0);
      await expect(engine.prefill(Int32Array.from(tokens), state)).rejects.toMatchObject(internal);
      expect(await state.exportLayer(0)).toEqual(before);
    },
  );

  test('chunks of zero or more than the most tokens are refused', async () => {
    const { maxChunkTokens } = engine.info;
    for (const length of [0, maxChunkTokens + 1]) {
      const call = engine.prefill(new Int32Array(length), engine.createState());
      await expect(call).rejects.toMatchObject(internal);
    }
  });

  test('a snapshot of another model, or a disposed one, is refused', () => {
    const state = engine.createState();
    const other = createReferenceEngine(randomModel(smallMamba1(), 1)).createState();
    expect(() => state.restore(other.snapshot())).toThrow(expect.objectContaining(internal));
    const snapshot = state.snapshot();
    snapshot.dispose();
    expect(() => state.restore(snapshot)).toThrow(expect.objectContaining(internal));
  });
});

async function expectSameStates(
  actual: RecurrentState,
  expected: RecurrentState,
  layers: number,
): Promise<void> {
  for (let layer = 0; layer < layers; layer++) {
    const [a, e] = [await actual.exportLayer(layer), await expected.exportLayer(layer)];
    expect(relativeL2(a.conv, e.conv)).toBeLessThan(SAME);
    expect(relativeL2(a.ssm, e.ssm)).toBeLessThan(SAME);
  }
}

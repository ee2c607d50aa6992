import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecurrentState } from '../../model-runtime/engines/engine';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import { relativeL2 } from '../support/compare';
import { SOFTWARE_GPU } from '../support/engines';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Both sides of a chunk of 64 tokens. */
const LENGTHS = [1, 63, 64, 65, 100];
const VOCABULARY = 96;

describe.each([
  ['Mamba-1', randomModel(smallMamba1(), 6)],
  ['Mamba-2 with two groups', randomModel(smallMamba2(), 6)],
])('several sequences in one pass: %s', (_, weights) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await createWebgpuEngine(weights, { ...SOFTWARE_GPU, maxChunkTokens: 300 });
  });
  afterAll(() => engine.dispose());

  const random = createRandom(9);
  const beginnings = LENGTHS.map((length) => randomTokens(random, 5 + (length % 7), VOCABULARY));
  const texts = LENGTHS.map((length) => randomTokens(random, length, VOCABULARY));

  /** States that have read something, each something else. */
  async function startedStates(): Promise<RecurrentState[]> {
    const states = [];
    for (const beginning of beginnings) {
      const state = engine.createState();
      await engine.prefill(beginning, state);
      states.push(state);
    }
    return states;
  }

  async function expectSameStates(actual: RecurrentState[], expected: RecurrentState[]) {
    for (const [i, state] of actual.entries()) {
      for (let layer = 0; layer < weights.config.nLayer; layer++) {
        const [left, right] = [
          await state.exportLayer(layer),
          await expected[i].exportLayer(layer),
        ];
        expect(relativeL2(left.conv, right.conv)).toBeLessThan(1e-5);
        expect(relativeL2(left.ssm, right.ssm)).toBeLessThan(1e-5);
      }
    }
  }

  const row = (logits: Float32Array, i: number) =>
    logits.subarray(i * VOCABULARY, (i + 1) * VOCABULARY);

  it('are read as each is alone, and so are the tokens after them', async () => {
    const [together, alone] = [await startedStates(), await startedStates()];
    const logits = await engine.prefillMany(
      texts.map((tokens, i) => ({ tokens, state: together[i] })),
    );
    expect(logits).toHaveLength(LENGTHS.length * VOCABULARY);
    for (const [i, tokens] of texts.entries()) {
      const expected = await engine.prefill(tokens, alone[i]);
      expect(relativeL2(row(logits, i), expected)).toBeLessThan(1e-5);
    }
    await expectSameStates(together, alone);

    const next = Int32Array.of(3, 1, 4, 1, 5);
    for (let round = 0; round < 2; round++) {
      const nextLogits = await engine.decodeMany(next, together);
      for (const [i, token] of next.entries()) {
        const expected = await engine.decode(token, alone[i]);
        expect(relativeL2(row(nextLogits, i), expected)).toBeLessThan(1e-5);
      }
    }
    await expectSameStates(together, alone);
  });

  it('leave snapshots alone, and go on one by one', async () => {
    const [states, alone] = [await startedStates(), await startedStates()];
    const [first, second] = states;
    await engine.decodeMany(Int32Array.of(7, 8), [first, second]);
    const snapshot = second.snapshot();
    await engine.decodeMany(Int32Array.of(9, 10), [second, first]);
    await engine.decode(11, first);
    first.dispose();
    second.restore(snapshot);
    snapshot.dispose();
    const logits = await engine.decode(12, second);

    await engine.decode(8, alone[1]);
    expect(relativeL2(logits, await engine.decode(12, alone[1]))).toBeLessThan(1e-5);
    await expectSameStates([second], [alone[1]]);
  });

  it('are refused when they are none, too many, too long, empty or the same', async () => {
    const [state, other] = await startedStates();
    const tokens = Int32Array.of(1);
    for (const sequences of [
      [],
      Array.from({ length: 9 }, () => ({ tokens, state: engine.createState() })),
      [
        { tokens: new Int32Array(200), state },
        { tokens: new Int32Array(101), state: other },
      ],
      [
        { tokens, state },
        { tokens: new Int32Array(), state: other },
      ],
      [
        { tokens, state },
        { tokens, state },
      ],
    ]) {
      await expect(engine.prefillMany(sequences)).rejects.toMatchObject({ code: 'internal' });
    }
    await expect(engine.decodeMany(tokens, [state, other])).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

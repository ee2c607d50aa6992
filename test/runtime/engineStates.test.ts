import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { loadModel } from '../../model-runtime/model/loadModel';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { relativeL2 } from '../support/compare';
import { ENGINES } from '../support/engines';
import { MODEL_FOLDER } from '../support/model';
import { randomModel, smallMamba2 } from '../support/randomModel';

/** On a busy machine. */
const SLOW_TEST_MS = 120_000;
vi.setConfig({ testTimeout: SLOW_TEST_MS });

let shipped: ModelWeights;
beforeAll(async () => {
  shipped = (await loadModel(MODEL_FOLDER)).weights;
}, SLOW_TEST_MS);
/** For engines that are slow here. */
const small = randomModel(smallMamba2({ vocabSize: 512, nLayer: 2 }), 3);

/** Ids of no meaning, the same in every run. */
const tokens = Int32Array.from({ length: 80 }, (_, i) => 16 + ((i * 7919) % 480));

async function prefillAll(
  engine: Engine,
  state: RecurrentState,
  chunks: Int32Array[],
): Promise<Float32Array> {
  let logits: Float32Array = new Float32Array();
  for (const chunk of chunks) logits = await engine.prefill(chunk, state);
  return logits;
}

/** Largest relative difference of any layer's conv and ssm state. */
async function stateDifference(
  a: RecurrentState,
  b: RecurrentState,
  layers: number,
): Promise<number> {
  let largest = 0;
  for (let layer = 0; layer < layers; layer++) {
    const left = await a.exportLayer(layer);
    const right = await b.exportLayer(layer);
    largest = Math.max(largest, relativeL2(left.conv, right.conv), relativeL2(left.ssm, right.ssm));
  }
  return largest;
}

const engines = ENGINES.filter(({ name }) => name !== 'onnx in f32');

describe.each(engines)('$name', ({ create, isSlow }) => {
  let weights: ModelWeights;
  let engine: Engine;
  beforeAll(async () => {
    weights = isSlow ? small : shipped;
    engine = await create(weights);
  }, SLOW_TEST_MS);
  afterAll(() => engine.dispose());

  describe('the recurrent state', () => {
    it('is the same after one long chunk, two chunks and single tokens', async () => {
      const whole = engine.createState();
      const expected = await prefillAll(engine, whole, [
        tokens.subarray(0, 64),
        tokens.subarray(64),
      ]);
      const split = engine.createState();
      const splitLogits = await prefillAll(engine, split, [
        tokens.subarray(0, 21),
        tokens.subarray(21, 70),
        tokens.subarray(70),
      ]);
      const stepped = engine.createState();
      let steppedLogits: Float32Array = new Float32Array();
      for (const token of tokens) steppedLogits = await engine.decode(token, stepped);

      expect(relativeL2(splitLogits, expected)).toBeLessThan(1e-3);
      expect(relativeL2(steppedLogits, expected)).toBeLessThan(1e-3);
      expect(await stateDifference(split, whole, weights.config.nLayer)).toBeLessThan(1e-3);
      expect(await stateDifference(stepped, whole, weights.config.nLayer)).toBeLessThan(1e-3);
    });

    it('goes on bit for bit from a restored snapshot', async () => {
      const state = engine.createState();
      await engine.prefill(tokens.subarray(0, 40), state);
      const snapshot = state.snapshot();
      const first = await engine.prefill(tokens.subarray(40, 60), state);
      const firstNext = await engine.decode(77, state);

      state.restore(snapshot);
      expect(await engine.prefill(tokens.subarray(40, 60), state)).toEqual(first);
      const other = engine.createState();
      await engine.decode(9, other);
      other.restore(snapshot);
      await engine.prefill(tokens.subarray(40, 60), other);
      expect(await engine.decode(77, other)).toEqual(firstNext);
    });

    it('keeps a snapshot as it was while states that share it go on', async () => {
      const state = engine.createState();
      await engine.prefill(tokens.subarray(0, 30), state);
      const before = await state.exportLayer(1);
      const snapshot = state.snapshot();
      const forks = [engine.createState(), engine.createState()];
      for (const [i, fork] of forks.entries()) {
        fork.restore(snapshot);
        for (let step = 0; step < 5; step++) await engine.decode(100 + i, fork);
      }
      await engine.decode(200, state);
      state.restore(snapshot);
      expect(await state.exportLayer(1)).toEqual(before);
    });

    it('keeps a compacted snapshot in half the memory, close enough', async () => {
      const state = engine.createState();
      await engine.prefill(tokens.subarray(0, 40), state);
      const snapshot = state.snapshot();
      const expected = await engine.decode(77, state);
      const next = await engine.decode(78, state);
      const { sizeBytes } = snapshot;
      expect(snapshot.compact !== undefined).toBe(engine.info.name === 'cpu');
      snapshot.compact?.();
      snapshot.compact?.();
      if (!snapshot.compact) return;
      expect(snapshot.sizeBytes).toBe(sizeBytes / 2);
      for (const each of [state, engine.createState()]) {
        each.restore(snapshot);
        expect(relativeL2(await engine.decode(77, each), expected)).toBeLessThan(1e-3);
        expect(relativeL2(await engine.decode(78, each), next)).toBeLessThan(1e-3);
      }
      snapshot.dispose();
      expect(() => state.restore(snapshot)).toThrow(/disposed/);
    });

    it('starts from nothing read, again after a reset, and in memory that was used before', async () => {
      const fresh = engine.createState();
      const expected = await engine.decode(400, fresh);
      const used = engine.createState();
      await engine.prefill(tokens.subarray(0, 10), used);
      used.reset();
      expect(await engine.decode(400, used)).toEqual(expected);
      used.dispose();
      fresh.dispose();
      expect(await engine.decode(400, engine.createState())).toEqual(expected);
    });

    it('tells its size: 24 layers of 20 x 64 x 128 + 3 x 1536 numbers in the shipped model', () => {
      const state = engine.createState();
      // The small one's layers, 4 x 16 x 8 + 3 x 96 numbers, are padded to 256 bytes.
      const sizeBytes = isSlow ? 2 * 3328 : 24 * (20 * 64 * 128 + 3 * 1536) * 4;
      expect(engine.info.stateSizeBytes).toBe(sizeBytes);
      expect(state.sizeBytes).toBe(sizeBytes);
      expect(state.snapshot().sizeBytes).toBe(sizeBytes);
    });

    it('is refused by another engine, and so is its snapshot', async () => {
      const other = await create(weights);
      const foreign = other.createState();
      await expect(engine.decode(1, foreign)).rejects.toMatchObject({ code: 'internal' });
      expect(() => engine.createState().restore(foreign.snapshot())).toThrow(
        /the engine that made/,
      );
      await other.dispose();
      await other.dispose();
      await expect(other.decode(1, foreign)).rejects.toMatchObject({ code: 'internal' });
    });

    it('refuses to be used or restored after it was disposed', async () => {
      const state = engine.createState();
      const snapshot = state.snapshot();
      state.dispose();
      state.dispose();
      snapshot.dispose();
      snapshot.dispose();
      await expect(engine.decode(1, state)).rejects.toMatchObject({ code: 'internal' });
      expect(() => engine.createState().restore(snapshot)).toThrow(/disposed/);
    });
  });

  describe('a call', () => {
    it('that was aborted before it starts leaves the state as it was', async () => {
      const state = engine.createState();
      await engine.prefill(tokens.subarray(0, 5), state);
      const before = await state.exportLayer(0);
      const reason = new Error('A key was pressed.');
      const signal = AbortSignal.abort(reason);
      await expect(engine.decode(7, state, signal)).rejects.toBe(reason);
      await expect(engine.prefill(tokens.subarray(5, 9), state, { signal })).rejects.toBe(reason);
      expect(await state.exportLayer(0)).toEqual(before);
    });

    it('gives one row of logits, or every row, the last of which is the same', async () => {
      const { vocabSize } = engine.info;
      const all = await engine.prefill(tokens.subarray(0, 9), engine.createState(), {
        rows: 'all',
      });
      const last = await engine.prefill(tokens.subarray(0, 9), engine.createState());
      expect(all).toHaveLength(9 * vocabSize);
      expect(last).toHaveLength(vocabSize);
      expect(relativeL2(last, all.subarray(8 * vocabSize))).toBeLessThan(1e-5);
    });

    it('whose logits nobody wants leaves the same state', async () => {
      const [unread, read] = [engine.createState(), engine.createState()];
      await engine.prefill(tokens.subarray(0, 9), unread, { rows: 'none' });
      await engine.prefill(tokens.subarray(0, 9), read);
      const logits = await engine.decode(7, read);
      expect(await engine.decode(7, unread)).toEqual(logits);
    });

    it.each<[string, (most: number) => Int32Array]>([
      ['no tokens', () => new Int32Array(0)],
      ['more tokens than a chunk', (most) => new Int32Array(most + 1).fill(20)],
      ['a token beyond the vocabulary', () => Int32Array.of(weights.config.vocabSize)],
      ['a negative token', () => Int32Array.of(-1)],
    ])('refuses %s and leaves the state as it was', async (_, wrong) => {
      const wrongTokens = wrong(engine.info.maxChunkTokens);
      const state = engine.createState();
      await engine.decode(300, state);
      const before = await state.exportLayer(1);
      await expect(engine.prefill(wrongTokens, state)).rejects.toMatchObject({ code: 'internal' });
      expect(await state.exportLayer(1)).toEqual(before);
    });
  });
});

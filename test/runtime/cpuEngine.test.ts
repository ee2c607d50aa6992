import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createCpuEngine,
  prepareCpu,
  requireReach,
  type CpuEngine,
} from '../../model-runtime/engines/cpu/cpuEngine';
import type { RecurrentState } from '../../model-runtime/engines/engine';
import { loadModel, openModel, type LoadedModel } from '../../model-runtime/model/loadModel';
import { likeliest } from '../../model-runtime/sampling/sample';
import { relativeL2 } from '../support/compare';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { MODEL_FOLDER } from '../support/model';
import { temporaryFolder, writeModelFolder } from '../support/modelFolder';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const models = [
  ['Mamba-1', randomModel(smallMamba1(), 5)],
  ['Mamba-2', randomModel(smallMamba2(), 5)],
  ['Mamba-2 with narrow heads', randomModel(smallMamba2({ headDim: 4, nHeads: 16 }), 5)],
  [
    'Mamba-1 in f32 of odd sizes',
    randomModel(smallMamba1({ dModel: 20, dInner: 40, dConv: 3, tieEmbeddings: false }), 5),
  ],
  ['Mamba-1 with biases', randomModel(smallMamba1({ hasProjectionBias: true }), 5)],
  [
    'Mamba-2 in f32 with biases and limited steps that normalises before the gate',
    randomModel(
      smallMamba2({
        ...{ dModel: 40, dInner: 48, headDim: 12 },
        ...{ hasProjectionBias: true, normBeforeGate: true, dtLimit: [0.02, 0.08] },
      }),
      5,
    ),
  ],
] as const;
const VOCABULARY = 96;

/** Reads `tokens` in pieces that end at `cuts`; a piece of one token is decoded when `isDecoded`. */
async function readInPieces(
  engine: CpuEngine,
  tokens: Int32Array,
  cuts: number[],
  state: RecurrentState,
): Promise<Float32Array> {
  const ends = [...new Set([...cuts, tokens.length])].sort((a, b) => a - b);
  let logits = new Float32Array();
  let start = 0;
  for (const end of ends) {
    const piece = tokens.subarray(start, end);
    if (piece.length === 0) continue;
    logits = Float32Array.from(
      piece.length === 1
        ? await engine.decode(piece[0], state)
        : await engine.prefill(piece, state),
    );
    start = end;
  }
  return logits;
}

async function layers(state: RecurrentState, count: number): Promise<Float32Array> {
  const each = Array.from({ length: count }, (_, layer) => state.exportLayer(layer));
  const all = await Promise.all(each);
  return Float32Array.from(all.flatMap(({ conv, ssm }) => [...conv, ...ssm]));
}

it.each([
  // 100 rows in the first matrix: blocks of 16 have to be filled up.
  ['Mamba-2', smallMamba2({ headDim: 16, nHeads: 4 })],
  ['Mamba-1', smallMamba1()],
])('%s packed where its file was read to gives the same bits', async (_name, config) => {
  await using folder = await temporaryFolder();
  const model = await openModel(await writeModelFolder(folder.path, config, 4));
  const prepared = prepareCpu({ threads: 1, programFolder: PROGRAM_FOLDER });
  const { area } = prepared;
  const options = { threads: 1, programFolder: PROGRAM_FOLDER };
  const copied = await createCpuEngine(await model.loadWeights(), options);
  const held = await model.loadWeights((size) => area.uint8(area.allocate(size), size));
  const file = () =>
    held.layers.flatMap(({ outProj }) =>
      outProj.kind === 'int8' ? [outProj.values.slice(), outProj.scales.slice()] : [],
    );
  const before = file();
  const inPlace = await createCpuEngine(held, { ...options, prepared });
  // Without this the test would compare copies.
  expect(before).not.toEqual([]);
  expect(file()).not.toEqual(before);
  const tokens = randomTokens(createRandom(11), 30, VOCABULARY);
  const [a, b] = [copied.createState(), inPlace.createState()];
  expect(await inPlace.prefill(tokens, b)).toEqual(await copied.prefill(tokens, a));
  expect(await inPlace.decode(3, b)).toEqual(await copied.decode(3, a));
  await Promise.all([copied.dispose(), inPlace.dispose()]);
});

describe.each(models)('%s', (_name, weights) => {
  const { nLayer } = weights.config;
  let engine: CpuEngine;
  beforeAll(async () => {
    engine = await createCpuEngine(weights, { threads: 2, programFolder: PROGRAM_FOLDER });
  });
  afterAll(() => engine.dispose());

  it('reads the same whatever the pieces', async () => {
    const tokens = randomTokens(createRandom(8), 50, VOCABULARY);
    const whole = engine.createState();
    const expected = await engine.prefill(tokens, whole);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 49 }), { maxLength: 12 }),
        async (cuts) => {
          const state = engine.createState();
          const logits = await readInPieces(engine, tokens, cuts, state);
          expect(relativeL2(logits, expected)).toBeLessThan(1e-3);
          expect(relativeL2(await layers(state, nLayer), await layers(whole, nLayer))).toBeLessThan(
            1e-3,
          );
          state.dispose();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('knows the likeliest tokens of the rows that it returned', async () => {
    const [state, other] = [engine.createState(), engine.createState()];
    const tokens = randomTokens(createRandom(3), 20, VOCABULARY);
    const expectKnown = (rows: Float32Array) => {
      for (let start = 0; start < rows.length; start += VOCABULARY) {
        const row = rows.subarray(start, start + VOCABULARY);
        const known = engine.topK(row);
        const expected = likeliest(row);
        expect(Array.from(known?.tokens ?? [])).toEqual(expected.tokens);
        expect(Array.from(known?.logits ?? [])).toEqual(expected.logits);
        expect(known?.logSumExp).toBeCloseTo(expected.logSumExp, 5);
      }
    };
    const first = await engine.prefill(tokens, state);
    const drafts = await engine.verify(tokens.subarray(0, 9), state);
    const several = await engine.decodeMany(Int32Array.of(4, 5), [state, other]);
    // Each row keeps what was found in it, whatever is computed after it.
    for (const rows of [first, drafts, several, await engine.decode(7, state)]) expectKnown(rows);
    expect(engine.topK(Float32Array.from(first))).toBeUndefined();
    const many = await engine.prefill(tokens, state, { rows: 'all' });
    expect(engine.topK(many.subarray(0, VOCABULARY))).toBeUndefined();
  });

  it('gives the same bits with one thread', async () => {
    const one = await createCpuEngine(weights, { threads: 1, programFolder: PROGRAM_FOLDER });
    const tokens = randomTokens(createRandom(9), 40, VOCABULARY);
    const cuts = [1, 2, 17, 39];
    const states = [one.createState(), engine.createState()];
    const alone = await readInPieces(one, tokens, cuts, states[0]);
    expect(await readInPieces(engine, tokens, cuts, states[1])).toEqual(alone);
    expect(await layers(states[1], nLayer)).toEqual(await layers(states[0], nLayer));
    await one.dispose();
  });

  it('verifies drafts without advancing the state and accepts any number of them', async () => {
    const tokens = randomTokens(createRandom(10), 30, VOCABULARY);
    const start = engine.createState();
    await engine.prefill(tokens.subarray(0, 14), start);
    const before = start.snapshot();
    for (const [count, accepted] of [
      [1, 1],
      [2, 1],
      [5, 5],
      [16, 1],
      [16, 9],
    ]) {
      start.restore(before);
      const drafts = tokens.subarray(14, 14 + count);
      const verified = await engine.verify(drafts, start);
      const unchanged = await layers(start, nLayer);
      await engine.accept(accepted, start);

      const state = engine.createState();
      state.restore(before);
      expect(unchanged).toEqual(await layers(state, nLayer));
      const fork = engine.createState();
      fork.restore(before);
      const expected = await engine.prefill(drafts, fork, { rows: 'all' });
      expect(relativeL2(verified, expected)).toBeLessThan(1e-4);
      await engine.prefill(drafts.subarray(0, accepted), state);
      expect(relativeL2(await layers(start, nLayer), await layers(state, nLayer))).toBeLessThan(
        1e-5,
      );
    }
    await expect(engine.accept(1, start)).rejects.toThrow(/was not verified/);
    await engine.verify(tokens.subarray(0, 3), start);
    await expect(engine.accept(4, start)).rejects.toThrow(/cannot be accepted/);
    await engine.decode(3, start);
    await expect(engine.accept(1, start)).rejects.toThrow(/was not verified/);
  });
});

describe('the shipped model', () => {
  let model: LoadedModel;
  let engine: CpuEngine;
  beforeAll(async () => {
    model = await loadModel(MODEL_FOLDER);
    engine = await createCpuEngine(model.weights, { threads: 2, programFolder: PROGRAM_FOLDER });
  });
  afterAll(() => engine.dispose());

  const tokens = Int32Array.from({ length: 64 }, (_, i) => 16 + ((i * 7919) % 16000));

  it('gives a chunk up when it is told to and leaves the state as it was', async () => {
    const state = engine.createState();
    await engine.prefill(tokens.subarray(0, 20), state);
    const before = state.snapshot();
    const expected = await engine.prefill(tokens, state, { rows: 'all' });
    const waits: number[] = [];
    for (let afterMs = 0; afterMs < 60; afterMs += 4) {
      state.restore(before);
      const abort = new AbortController();
      const reason = new Error('A key was pressed.');
      const reading = engine.prefill(tokens, state, { rows: 'all', signal: abort.signal });
      await sleep(afterMs);
      const start = performance.now();
      abort.abort(reason);
      await reading.then(
        () => undefined,
        (error: unknown) => {
          expect(error).toBe(reason);
          waits.push(performance.now() - start);
        },
      );
      if (abort.signal.aborted && waits.length > 0) {
        state.restore(before);
        expect(await engine.prefill(tokens, state, { rows: 'all' })).toEqual(expected);
      }
    }
    expect(waits.length).toBeGreaterThan(0);
    console.log(`given up after ms: ${waits.map((ms) => ms.toFixed(1)).join(' ')}`);
    // The median: others on a busy machine take the processor for longer than that.
    const median = waits.sort((a, b) => a - b)[waits.length >> 1];
    expect(median).toBeLessThan(20);
  });

  it('lets the calling thread go on while it reads', async () => {
    const state = engine.createState();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let i = 0; i < 3; i++) await engine.prefill(tokens, state);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
  });

  it('chooses its threads by itself', async () => {
    const auto = await createCpuEngine(model.weights, {
      threads: 0,
      programFolder: PROGRAM_FOLDER,
    });
    expect(auto.info.threads).toBeGreaterThanOrEqual(1);
    const state = auto.createState();
    const chosen = await auto.prefill(tokens.subarray(0, 9), state);
    expect(chosen).toEqual(await engine.prefill(tokens.subarray(0, 9), engine.createState()));
    await auto.dispose();
  });

  it('chooses them again, and goes on with those it had when that is given up', async () => {
    const many = availableParallelism() + 1;
    const busy = await createCpuEngine(model.weights, {
      threads: many,
      programFolder: PROGRAM_FOLDER,
    });
    const abort = new AbortController();
    const givenUp = busy.chooseThreads(abort.signal);
    abort.abort(new Error('A key was pressed.'));
    await expect(givenUp).rejects.toThrow('A key was pressed.');
    expect(busy.info.threads).toBe(many);
    expect(await busy.chooseThreads()).toBe(true);
    expect(busy.info.threads).toBeLessThan(many);
    const state = busy.createState();
    const chosen = await busy.prefill(tokens.subarray(0, 9), state);
    expect(chosen).toEqual(await engine.prefill(tokens.subarray(0, 9), engine.createState()));
    await busy.dispose();
  });

  it('predicts with int4 weights nearly what it predicts with int8', async () => {
    const options = { threads: 2, programFolder: PROGRAM_FOLDER };
    const small = await createCpuEngine(model.weights, { ...options, weights: 'int4' });
    expect(small.info.weights).toBe('int4');
    const logits = await small.prefill(tokens, small.createState());
    const expected = await engine.prefill(tokens, engine.createState());
    const difference = relativeL2(logits, expected);
    expect(difference).toBeGreaterThan(1e-4);
    expect(difference).toBeLessThan(0.2);
    await small.dispose();
  });

  it('says what is missing when it is not built', async () => {
    const broken = createCpuEngine(model.weights, { threads: 1, programFolder: '/no/such/folder' });
    await expect(broken).rejects.toMatchObject({ code: 'engineUnavailable' });
  });
});

it('leaves a model that is larger than its memory to another engine, with the figures', () => {
  expect(() => requireReach(3.7e9)).not.toThrow();
  expect(() => requireReach(7.75e9)).toThrow(
    expect.objectContaining({
      code: 'engineUnavailable',
      message: expect.stringMatching(/reaches 3\.8 GB of weights, the model has 7\.8 GB/) as string,
    }),
  );
});

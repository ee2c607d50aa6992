import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { CONTROL } from '../../model-runtime/engines/cpu/control';
import { createCpuEngine, prepareCpu } from '../../model-runtime/engines/cpu/cpuEngine';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba2 } from '../support/randomModel';

/** Wakes whoever waits on a word, again and again: what a thread does that comes late with the wake-up for the job before. */
const WAKER = `
  const { workerData: { words, indexes } } = require('node:worker_threads');
  for (;;) for (const index of indexes) Atomics.notify(words, index);
`;

it.each([1, 2])('ends no pass and starts none at a late wake-up (%i threads)', async (threads) => {
  const config = smallMamba2();
  const prepared = prepareCpu({ threads, programFolder: PROGRAM_FOLDER });
  const engine = await createCpuEngine(randomModel(config, 5), {
    threads,
    programFolder: PROGRAM_FOLDER,
    prepared,
  });
  const tokens = randomTokens(createRandom(3), 400, config.vocabSize);
  const decodeAll = async () => {
    const state = engine.createState();
    const rows: Float32Array[] = [];
    for (const token of tokens) rows.push((await engine.decode(token, state)).slice());
    return rows;
  };
  const expected = await decodeAll();
  const { controlAddress } = engine['team'];
  const words = prepared.area.int32(controlAddress, CONTROL.wordCount);
  const workerData = { words, indexes: [CONTROL.job, CONTROL.done] };
  const waker = new Worker(WAKER, { eval: true, workerData });
  try {
    await new Promise((resolve) => waker.once('online', resolve));
    expect(await decodeAll()).toEqual(expected);
  } finally {
    await waker.terminate();
    await engine.dispose();
  }
});

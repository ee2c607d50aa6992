import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { generateAlternatives } from '../../model-runtime/generation/alternatives';
import { generate } from '../../model-runtime/generation/generate';
import { createStopRule } from '../../model-runtime/generation/stopRules';
import { loadModel } from '../../model-runtime/model/loadModel';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { UNFINISHED_DISTANCE } from '../support/examples';
import { logProbability } from '../support/golden';
import { MODEL_FOLDER, shippedTokenizer, SPECIAL_TOKENS } from '../support/model';

const NEVER = new AbortController().signal;
const tokenizer = shippedTokenizer();
const prompt = Int32Array.of(
  SPECIAL_TOKENS.fileSeparator,
  ...tokenizer.encode('geometry.ts\n'),
  ...tokenizer.encode(`${UNFINISHED_DISTANCE}  const `),
);
const options = {
  maxTokens: 24,
  isStop: (token: number) => token < 16,
  sampling: { temperature: 0, topP: 1, random: Math.random },
  stopRule: createStopRule({ shape: 'line', maxLines: 1, prefix: '  const ', suffix: '' }),
};

let engine: Engine;
let state: RecurrentState;
beforeAll(async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  engine = await createCpuEngine(weights, { threads: 1, programFolder: PROGRAM_FOLDER });
  state = engine.createState();
}, 120_000);
afterAll(() => engine.dispose());

/** Logits after the prompt, and `state` there. */
async function readPrompt(): Promise<Float32Array> {
  state.reset();
  const { maxChunkTokens } = engine.info;
  let logits: Float32Array = new Float32Array();
  for (let at = 0; at < prompt.length; at += maxChunkTokens) {
    logits = await engine.prefill(prompt.subarray(at, at + maxChunkTokens), state);
  }
  return logits;
}

function write(on: Engine, logits: Float32Array, count: number) {
  return generateAlternatives(on, tokenizer, state, logits, { ...options, count }, NEVER);
}

it('are the likeliest text and others, each with the probabilities that it has alone', async () => {
  const alone = await generate(engine, tokenizer, state, await readPrompt(), options, NEVER);
  const texts = await write(engine, await readPrompt(), 3);
  expect(texts[0].text).toBe(alone.text);
  expect(texts).toHaveLength(3);
  expect(new Set(texts.map(({ text }) => text)).size).toBe(3);
  for (const { tokens, tokenProbabilities } of texts) {
    let logits = await readPrompt();
    for (const [i, token] of tokens.entries()) {
      const told = tokenProbabilities[i].logProbability;
      expect(Math.abs(told - logProbability(logits, token))).toBeLessThan(5e-3);
      logits = await engine.decode(token, state);
    }
  }
});

it('are the same from an engine that reads one sequence at a time', async () => {
  const { info } = engine;
  const plain: Engine = {
    info: { ...info, maxSequences: undefined },
    createState: () => engine.createState(),
    prefill: (tokens, from, prefillOptions) => engine.prefill(tokens, from, prefillOptions),
    decode: (token, from, signal) => engine.decode(token, from, signal),
    dispose: () => engine.dispose(),
  };
  const together = await write(engine, await readPrompt(), 3);
  const oneByOne = await write(plain, await readPrompt(), 3);
  expect(oneByOne.map(({ text }) => text)).toEqual(together.map(({ text }) => text));
});

it('are only one where one is asked for, and end when the request does', async () => {
  expect(await write(engine, await readPrompt(), 1)).toHaveLength(1);
  const controller = new AbortController();
  controller.abort();
  const logits = await readPrompt();
  const ended = generateAlternatives(
    engine,
    tokenizer,
    state,
    logits,
    { ...options, count: 3 },
    controller.signal,
  );
  await expect(ended).rejects.toBe(controller.signal.reason);
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCpuEngine, type CpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import { generate } from '../../model-runtime/generation/generate';
import { loadModel } from '../../model-runtime/model/loadModel';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { MODEL_FOLDER, SHIPPED_FORMAT, SPECIAL_TOKENS, shippedTokenizer } from '../support/model';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const tokenizer = shippedTokenizer();
const REPETITIVE = `src/colors.ts\nexport const colors = {
  red: { name: 'red', hex: '#ff0000', isDark: false },
  green: { name: 'green', hex: '#00ff00', isDark: false },
  blue: { name: 'blue', hex: '#0000ff', isDark: true },
  white: { name: 'white',`;
const PLAIN = `src/sum.ts\nexport function sum(values: number[]): number {\n  let total = 0;\n  for (`;

describe('guessing from the document', () => {
  let engine: CpuEngine;
  beforeAll(async () => {
    const { weights } = await loadModel(MODEL_FOLDER);
    engine = await createCpuEngine(weights, { threads: 2, programFolder: PROGRAM_FOLDER });
  });
  afterAll(() => engine.dispose());

  async function complete(text: string, isGuessing: boolean, temperature = 0) {
    const prompt = Int32Array.of(SPECIAL_TOKENS.fileSeparator, ...tokenizer.encode(text));
    const state = engine.createState();
    let logits = new Float32Array();
    for (let at = 0; at < prompt.length; at += 64) {
      logits = Float32Array.from(await engine.prefill(prompt.subarray(at, at + 64), state));
    }
    let step = 0;
    const options = {
      maxTokens: 48,
      isStop: SHIPPED_FORMAT.isStop,
      // The same random numbers in both runs.
      sampling: { temperature, topP: 0.9, random: () => (step++ * 0.754877666) % 1 },
      stopRule: () => undefined,
      ...(isGuessing ? { prompt } : {}),
    };
    const { signal } = new AbortController();
    const made = await generate(engine, tokenizer, state, logits, options, signal);
    state.dispose();
    return made;
  }

  it.each([
    ['repetitive code', REPETITIVE, 0],
    ['other code', PLAIN, 0],
    ['sampled text', REPETITIVE, 0.7],
  ])('gives the same tokens of %s', async (_, text, temperature) => {
    const plain = await complete(text, false, temperature);
    const guessed = await complete(text, true, temperature);
    expect(guessed.tokens).toEqual(plain.tokens);
    expect(guessed.meanLogProbability).toBeCloseTo(plain.meanLogProbability, 3);
    expect(guessed.passes).toBeLessThanOrEqual(plain.passes);
  });

  it('reads the weights less often where the document repeats itself', async () => {
    const { tokens, passes } = await complete(REPETITIVE, true);
    expect(tokens.length / passes).toBeGreaterThan(1.3);
  });
});

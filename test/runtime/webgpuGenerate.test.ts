import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../model-runtime/engines/engine';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import { generate, type GenerateOptions } from '../../model-runtime/generation/generate';
import type { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';
import { SOFTWARE_GPU } from '../support/engines';
import { createRandom } from '../support/random';
import { randomModel, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A letter for each id. */
const tokenizer = {
  decode: (ids: number[]) => String.fromCharCode(...ids.map((id) => 0x100 + id)),
} as unknown as ModelTokenizer;
const signal = new AbortController().signal;

let engine: WebgpuEngine;
beforeAll(async () => {
  engine = await createWebgpuEngine(randomModel(smallMamba2(), 4), SOFTWARE_GPU);
});
afterAll(() => engine.dispose());

/** The same engine for callers that choose every token themselves. */
function withoutChoice(): Engine {
  const { info } = engine;
  return {
    info,
    createState: () => engine.createState(),
    prefill: (tokens, state, options) => engine.prefill(tokens, state, options),
    decode: (token, state) => engine.decode(token, state),
    dispose: () => engine.dispose(),
  };
}

async function generated(on: Engine, options: () => GenerateOptions) {
  const state = on.createState();
  const logits = await on.prefill(Int32Array.of(9, 8, 7), state);
  const texts: string[] = [];
  const onText = (text: string) => texts.push(text);
  const result = await generate(on, tokenizer, state, logits, { ...options(), onText }, signal);
  state.dispose();
  return { ...result, texts };
}

const GREEDY = { temperature: 0, topP: 1, random: () => 0.5 };
const base = {
  maxTokens: 24,
  isStop: () => false,
  sampling: GREEDY,
  stopRule: () => undefined,
};
const drawn = (temperature: number, topP: number) => () => ({
  ...base,
  sampling: { temperature, topP, random: createRandom(5) },
});

describe('generating with tokens that the device chooses', () => {
  it.each<[string, () => GenerateOptions]>([
    ['to the limit', () => base],
    ['one token', () => ({ ...base, maxTokens: 1 })],
    ['two tokens', () => ({ ...base, maxTokens: 2 })],
    [
      'until the text is enough',
      () => ({
        ...base,
        stopRule: (text) =>
          text.length >= 11 ? { reason: 'endOfLine', text: text.slice(0, 9) } : undefined,
      }),
    ],
    ['until a special token', () => ({ ...base, isStop: (token) => token % 13 === 4 })],
    ['drawn from all tokens', drawn(1, 1)],
    ['drawn from a nucleus', drawn(0.7, 0.8)],
  ])('says what choosing on the host says: %s', async (_, options) => {
    const expected = await generated(withoutChoice(), options);
    const actual = await generated(engine, options);
    expect(actual.tokens).toEqual(expected.tokens);
    expect(actual.text).toBe(expected.text);
    expect(actual.stopReason).toBe(expected.stopReason);
    expect(actual.texts).toEqual(expected.texts);
    expect(actual.passes).toBe(expected.passes);
    expect(actual.meanLogProbability).toBeCloseTo(expected.meanLogProbability, 4);
    actual.tokenProbabilities.forEach(({ end, logProbability }, i) => {
      expect(end).toBe(expected.tokenProbabilities[i].end);
      expect(logProbability).toBeCloseTo(expected.tokenProbabilities[i].logProbability, 4);
    });
  });

  it('stops when it is told to, and the next request is right', async () => {
    const abort = new AbortController();
    const reason = new Error('A key was pressed.');
    const state = engine.createState();
    const logits = await engine.prefill(Int32Array.of(9, 8, 7), state);
    let seen = 0;
    const onText = () => {
      seen += 1;
      if (seen === 5) abort.abort(reason);
    };
    const options = { ...base, onText };
    await expect(generate(engine, tokenizer, state, logits, options, abort.signal)).rejects.toBe(
      reason,
    );
    expect(seen).toBe(5);
    const expected = await generated(withoutChoice(), () => base);
    expect((await generated(engine, () => base)).tokens).toEqual(expected.tokens);
  });
});

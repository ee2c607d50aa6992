import { describe, expect, it } from 'vitest';
import { topKReference } from '../../../kernels/top_k/top_k.reference';
import { argmax, likeliest, sample } from '../../../model-runtime/sampling/sample';
import { createRandom, uniform } from '../../support/random';

const greedy = { temperature: 0, topP: 1, random: () => 0.5 };

describe('likeliest', () => {
  it('lists tokens by logit, the lowest id first among equals, and the sum of all', () => {
    const logits = Float32Array.from({ length: 200 }, (_, i) => (i * 37) % 50);
    const sorted = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
    const { tokens, logits: values, logSumExp } = likeliest(logits);
    expect(Array.from(tokens)).toEqual(sorted.slice(0, 64));
    expect(Array.from(values)).toEqual(sorted.slice(0, 64).map((id) => logits[id]));
    expect(logSumExp).toBeCloseTo(Math.log(logits.reduce((sum, l) => sum + Math.exp(l), 0)), 9);
  });

  it('finds a token where nothing is a number', () => {
    const logits = new Float32Array(5).fill(NaN);
    expect(sample(logits, greedy).token).toBe(0);
    expect(sample(logits, { temperature: 1, topP: 0.9, random: () => 0.5 }).token).toBeDefined();
  });
});

describe('sample', () => {
  it('takes the largest logit when greedy, the lowest id among equals', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(sample(Float32Array.of(0, 5, 1), greedy).token).toBe(1);
  });

  it('reports the log probability of the untempered distribution', () => {
    const { logProbability } = sample(Float32Array.of(Math.log(3), 0), greedy);
    expect(logProbability).toBeCloseTo(Math.log(0.75), 6);
  });

  it('draws in proportion to the tempered probabilities', () => {
    const logits = Float32Array.of(Math.log(4), 0, Math.log(2));
    const counts = [0, 0, 0];
    for (let i = 0; i < 7000; i++) {
      const random = () => (i + 0.5) / 7000;
      counts[sample(logits, { temperature: 1, topP: 1, random }).token]++;
    }
    expect(counts).toEqual([4000, 1000, 2000]);
  });

  it('never leaves the nucleus', () => {
    const logits = Float32Array.of(Math.log(6), Math.log(3), Math.log(1));
    const drawn = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const random = () => i / 100;
      drawn.add(sample(logits, { temperature: 1, topP: 0.85, random }).token);
    }
    expect([...drawn].sort()).toEqual([0, 1]);
  });

  it.each([
    ['peaked', 12],
    ['flat', 1],
  ])('draws the same whether it knows the likeliest tokens or all: %s logits', (_, spread) => {
    const random = createRandom(spread);
    const logits = Float32Array.from(uniform(random, 3000, 0, spread));
    const everyToken = topKReference(logits, logits.length);
    for (const temperature of [0.1, 0.5, 1, 1.7]) {
      for (const topP of [0.3, 0.95, 1]) {
        for (const topK of [undefined, 10, 100]) {
          const number = random();
          let taken = 0;
          const options = {
            temperature,
            topP,
            ...(topK === undefined ? {} : { topK }),
            random: () => ((taken += 1), number),
          };
          const expected = sample(logits, options, everyToken);
          const actual = sample(logits, options);
          expect(actual.token).toBe(expected.token);
          expect(actual.logProbability).toBeCloseTo(expected.logProbability, 9);
          expect(taken).toBe(2);
        }
      }
    }
  });

  it('keeps the most probable token for the smallest nucleus', () => {
    const logits = Float32Array.of(0, 2, 1);
    const options = { temperature: 2, topP: 1e-9, random: () => 0.999 };
    expect(sample(logits, options).token).toBe(1);
  });
});

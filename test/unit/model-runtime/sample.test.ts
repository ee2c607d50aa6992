import { describe, expect, it } from 'vitest';
import { argmax, sample } from '../../../model-runtime/sampling/sample';

const greedy = { temperature: 0, topP: 1, random: () => 0.5 };

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

  it('keeps the most probable token for the smallest nucleus', () => {
    const logits = Float32Array.of(0, 2, 1);
    const options = { temperature: 2, topP: 1e-9, random: () => 0.999 };
    expect(sample(logits, options).token).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { topKReference, type TopK } from '../../kernels/top_k/top_k.reference';
import { BUILDS, CpuKernels } from '../support/cpuKernels';
import { createRandom, uniform } from '../support/random';
import { LIMITS } from './limits';

/** What the kernel finds in `logits` when each of `teams` takes in its pieces `[first, last)` and the first joins all. */
function topK(cpu: CpuKernels, logits: Float32Array, k: number, teams: [number, number][][]): TopK {
  const at = cpu.floats(logits);
  const tops = teams.map((pieces) => {
    const top = cpu.space(16 + 8 * k);
    cpu.call('clearTop', top);
    for (const [first, last] of pieces) cpu.call('takeLogits', top, k, at, first, last);
    return top;
  });
  const [top, ...others] = tops;
  for (const other of others) cpu.call('joinTop', top, k, other);
  const [count] = new Int32Array(cpu.memory.buffer, top, 1);
  const [max, sum] = cpu.readFloats(top + 4, 2);
  return {
    tokens: new Int32Array(cpu.memory.buffer, top + 16 + 4 * k, count),
    logits: cpu.readFloats(top + 16, count),
    logSumExp: max + Math.log(sum),
  };
}

function expectSame(actual: TopK, expected: TopK): void {
  expect(Array.from(actual.tokens)).toEqual(Array.from(expected.tokens));
  expect(Array.from(actual.logits)).toEqual(Array.from(expected.logits));
  expect(Math.abs(actual.logSumExp - expected.logSumExp)).toBeLessThan(LIMITS.top_k);
}

function random(length: number, seed: number): Float32Array {
  return Float32Array.from(uniform(createRandom(seed), length, -15, 15));
}

describe.each(BUILDS)('top_k, %s build', (name) => {
  it.each([
    [16384, 64],
    [1000, 64],
    [37, 64],
    [64, 64],
    [501, 1],
    [3, 2],
  ])('of %i logits the %i largest', (length, k) => {
    const logits = random(length, length);
    const expected = topKReference(logits, k);
    expectSame(topK(new CpuKernels(name), logits, k, [[[0, length]]]), expected);
  });

  it('whatever order the pieces are taken in, and by whom', () => {
    const logits = random(1000, 5);
    const expected = topKReference(logits, 20);
    const orders: [number, number][][] = [
      [
        [512, 768],
        [0, 256],
      ],
      [],
      [
        [768, 1000],
        [256, 512],
      ],
    ];
    expectSame(topK(new CpuKernels(name), logits, 20, orders), expected);
  });

  it('of equal logits those with the lowest ids', () => {
    const logits = random(400, 9).map((logit) => Math.round(logit / 5));
    const expected = topKReference(logits, 30);
    const pieces: [number, number][] = [
      [200, 400],
      [0, 200],
    ];
    expectSame(topK(new CpuKernels(name), logits, 30, [pieces]), expected);
    expectSame(
      topK(new CpuKernels(name), logits, 30, [pieces.slice(0, 1), pieces.slice(1)]),
      expected,
    );
  });

  it('without tokens that are ruled out', () => {
    const logits = random(80, 3).fill(-Infinity, 10, 75);
    const expected = topKReference(logits, 64);
    expect(expected.tokens.length).toBe(15);
    expectSame(topK(new CpuKernels(name), logits, 64, [[[0, 80]]]), expected);
    expectSame(
      topK(new CpuKernels(name), logits, 64, [
        [[20, 60]],
        [
          [0, 20],
          [60, 80],
        ],
      ]),
      expected,
    );
  });
});

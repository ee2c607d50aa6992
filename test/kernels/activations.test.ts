import { expect, test } from 'vitest';
import { silu, softplus } from '../../kernels/lib/activations';

test('softplus is log(1 + exp(x)) where that can be computed, and right where it cannot', () => {
  for (const x of [-5, -0.3, 0, 0.7, 12])
    expect(softplus(x)).toBeCloseTo(Math.log(1 + Math.exp(x)), 14);
  expect(softplus(1000)).toBe(1000);
  expect(softplus(-50) / Math.exp(-50)).toBeCloseTo(1, 14);
});

test('silu is x times the logistic function', () => {
  expect(silu(1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 15);
  for (const x of [0, 0.1, 3, 40]) expect(silu(x) - silu(-x)).toBeCloseTo(x, 13);
});

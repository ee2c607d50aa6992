import { expect, test } from 'vitest';
import { gatedRmsNormReference } from '../../kernels/gated_rms_norm/gated_rms_norm.reference';
import { silu } from '../../kernels/lib/activations';
import { rmsNormReference } from '../../kernels/rms_norm/rms_norm.reference';
import { relativeL2 } from '../support/compare';
import { createRandom, uniform } from '../support/random';

test('rms_norm gives rows with a root mean square of one before the weight', () => {
  const x = uniform(createRandom(1), 4 * 63, -3, 3);
  const y = rmsNormReference(x, new Float64Array(63).fill(1), 0);
  for (let l = 0; l < 4; l++) {
    const squares = y.subarray(l * 63, (l + 1) * 63).reduce((sum, value) => sum + value ** 2, 0);
    expect(Math.sqrt(squares / 63)).toBeCloseTo(1, 12);
  }
});

test('rms_norm adds epsilon to the mean of the squares and multiplies by the weight', () => {
  // mean of squares (9 + 16) / 2 = 12.5; with epsilon 12.5 the root is 5.
  const y = rmsNormReference(Float64Array.of(3, 4), Float64Array.of(10, 5), 12.5);
  expect(relativeL2(y, [6, 4])).toBeLessThan(1e-15);
});

test('gated_rms_norm with one group is rms_norm of the gated input', () => {
  const random = createRandom(2);
  const [y, z, weight] = [60, 60, 20].map((length) => uniform(random, length, -2, 2));
  const gated = y.map((value, i) => value * silu(z[i]));
  const expected = rmsNormReference(gated, weight, 1e-5);
  expect(relativeL2(gatedRmsNormReference(y, z, weight, 1, 1e-5), expected)).toBeLessThan(1e-15);
});

test('gated_rms_norm normalises each group by itself', () => {
  const random = createRandom(3);
  const [y, z, weight] = [12, 12, 12].map((length) => uniform(random, length, -2, 2));
  const whole = gatedRmsNormReference(y, z, weight, 3, 1e-5);
  for (let group = 0; group < 3; group++) {
    const part = (values: Float64Array) => values.subarray(group * 4, group * 4 + 4);
    const alone = gatedRmsNormReference(part(y), part(z), part(weight), 1, 1e-5);
    expect(relativeL2(part(whole), alone)).toBeLessThan(1e-15);
  }
});

import { expect, test } from 'vitest';
import { decodeFloat16 } from '../../kernels/lib/float16';
import { linearReference } from '../../kernels/linear/linear.reference';
import { quantize } from '../../model-runtime/model/quantize';
import { createRandom, uniform } from '../support/random';

test('linear multiplies a known matrix', () => {
  const weight = {
    kind: 'f32' as const,
    rows: 2,
    cols: 3,
    values: Float32Array.of(1, 2, 3, -1, 0, 0.5),
  };
  const x = Float64Array.of(1, 1, 1, 2, 0, -4);
  expect([...linearReference(weight, x)]).toEqual([6, -0.5, -10, -4]);
});

test.each([32, 96, 640])(
  'linear on int8 equals linear on the multiplied-out matrix, %i columns',
  (cols) => {
    const random = createRandom(cols);
    const rows = 7;
    const weight = quantize(Float32Array.from(uniform(random, rows * cols, -1, 1)), rows, cols);
    const dense = {
      kind: 'f32' as const,
      rows,
      cols,
      values: Float32Array.from(
        weight.values,
        (value, i) => value * decodeFloat16(weight.scales[Math.floor(i / 32)]),
      ),
    };
    const x = uniform(random, 5 * cols, -2, 2);
    expect(linearReference(weight, x)).toEqual(linearReference(dense, x));
  },
);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat16 } from '../../../kernels/lib/float16';
import { quantize } from '../../../model-runtime/model/quantize';

const block = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), {
  minLength: 32,
  maxLength: 32,
});

test('every value comes back to within half a step', () => {
  fc.assert(
    fc.property(block, block, (first, second) => {
      const { values, scales } = quantize(Float32Array.of(...first, ...second), 2, 32);
      [...first, ...second].forEach((value, i) => {
        const scale = decodeFloat16(scales[Math.floor(i / 32)]);
        // The f16 scale may be 2^-11 (or, far below one, 2^-25) too small for the largest value.
        const clipped = 127 * Math.max(scale * 2 ** -11, 2 ** -25);
        expect(Math.abs(values[i] * scale - value)).toBeLessThanOrEqual(scale / 2 + clipped);
      });
    }),
  );
});

test('rounds against the scale as it is stored, not as it was computed', () => {
  // 1/127 is stored as 0.00787353515625, a little less than it; 0.62595 lies between the two roundings.
  const values = new Float32Array(32);
  values[0] = 1;
  values[1] = 79.5001 * 0.00787353515625;
  const quantized = quantize(values, 1, 32);
  expect(decodeFloat16(quantized.scales[0])).toBe(0.00787353515625);
  expect(quantized.values[1]).toBe(80);
  expect(Math.round(values[1] * 127)).toBe(79);
});

test('is symmetric', () => {
  fc.assert(
    fc.property(block, (values) => {
      const plus = quantize(Float32Array.from(values), 1, 32);
      const minus = quantize(
        Float32Array.from(values, (value) => -value),
        1,
        32,
      );
      expect(minus.scales).toEqual(plus.scales);
      expect([...minus.values]).toEqual([...plus.values].map((level) => 0 - level));
    }),
  );
});

test('a block of zeros stays zeros', () => {
  const { values, scales } = quantize(new Float32Array(64), 2, 32);
  expect(values).toEqual(new Int8Array(64));
  expect([...scales]).toEqual([0, 0]);
});

test.each([NaN, Infinity, 127 * 65520])('refuses %d', (value) => {
  const values = new Float32Array(32);
  values[7] = value;
  expect(() => quantize(values, 1, 32)).toThrow(RangeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeFloat16,
  encodeFloat16,
  narrowToFloat16,
  widenFloat16,
} from '../../kernels/lib/float16';
import { createRandom } from '../support/random';

test('every finite binary16 number survives decoding and encoding', () => {
  const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
  const finite = all.filter((bits) => (bits & 0x7c00) !== 0x7c00);
  expect(finite.filter((bits) => encodeFloat16(decodeFloat16(bits)) !== bits)).toEqual([]);
});

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x0001, 2 ** -24],
  [0x0400, 2 ** -14],
  [0x7bff, 65504],
  [0x3555, 0.333251953125],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
])('decodes %i as IEEE 754 says', (bits, value) => {
  expect(decodeFloat16(bits)).toBe(value);
});

test('infinities and not-a-number are encoded as such', () => {
  expect(encodeFloat16(Infinity)).toBe(0x7c00);
  expect(encodeFloat16(-70000)).toBe(0xfc00);
  expect(decodeFloat16(encodeFloat16(NaN))).toBeNaN();
  expect(decodeFloat16(0x7e00)).toBeNaN();
});

test('encodes to the nearest number, ties to even', () => {
  const finite = fc.double({ min: -65504, max: 65504, noNaN: true });
  fc.assert(
    fc.property(finite, (value) => {
      const bits = encodeFloat16(value);
      const error = Math.abs(decodeFloat16(bits) - value);
      const magnitude = bits & 0x7fff;
      for (const neighbour of [magnitude - 1, magnitude + 1]) {
        if (neighbour < 0 || neighbour > 0x7bff) continue;
        const other = Math.abs(decodeFloat16((bits & 0x8000) | neighbour) - value);
        expect(error).toBeLessThanOrEqual(other);
        if (error === other) expect(bits & 1).toBe(0);
      }
    }),
  );
});

test('rounds halves between two numbers to the even one', () => {
  expect(encodeFloat16(1 + 2 ** -11)).toBe(0x3c00);
  expect(encodeFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
  // Half of the smallest number goes to zero, one and a half to two.
  expect(encodeFloat16(2 ** -25)).toBe(0);
  expect(encodeFloat16(3 * 2 ** -25)).toBe(2);
  expect(encodeFloat16(65519)).toBe(0x7bff);
  expect(encodeFloat16(65520)).toBe(0x7c00);
});

test('arrays are rounded as single numbers are, the largest instead of infinity, in memory that both share', () => {
  const random = createRandom(7);
  const count = 40_001;
  const memory = new SharedArrayBuffer(6 * count + 2);
  const values = new Float32Array(memory, 0, count);
  const bits = new Uint16Array(memory, 4 * count, count);
  // All sizes from far below the smallest number to beyond the largest.
  for (let i = 0; i < count; i++) values[i] = (random() - 0.5) * 2 ** (50 * random() - 30);
  values.set([0, -0, 2 ** -14, 2 ** -25, 3 * 2 ** -25, 65519, 65520, -1e9, 1 + 2 ** -11]);
  const expected = Array.from(values, (value) =>
    encodeFloat16(Math.min(Math.max(value, -65504), 65504)),
  );
  narrowToFloat16(values, bits);
  expect([...bits]).toEqual(expected);
  widenFloat16(bits, values);
  expect([...values]).toEqual(expected.map(decodeFloat16));
});

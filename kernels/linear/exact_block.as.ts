// What every product of a 32-column block with integers shares: exact sums in i32, then the scales of weights and activations.
import { madd } from '../lib/simd.as';

/** `sum` and four rows' products of two columns each, i16 by i16. */
@inline
export function dot(weights: v128, x: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(weights, x));
}

/** value of one block for four rows: exact * weight scale * activation scale, added to `sum`. */
@inline
export function addBlock(exact: v128, scales: v128, x: v128, sum: v128): v128 {
  return madd(f32x4.convert_i32x4_s(exact), f32x4.mul(scales, x), sum);
}

/** The same of two digits' sums: exact = 128 high + low. */
@inline
export function addDigits(high: v128, low: v128, scales: v128, x: v128, sum: v128): v128 {
  return addBlock(i32x4.add(i32x4.shl(high, 7), low), scales, x, sum);
}

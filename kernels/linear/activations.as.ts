// Activations as 14-bit integers, each block of 32 with its own scale: x = scale * q, |q| <= 8127. Close to f32 (the error
// is 1e-4 of a block's size), and products with int8 weights are exact in i32.
//
// Layout of one row: digits, 2 K bytes, and blocks, 8 K / 32 bytes: { scale * 2^112 as f32, sum of q as i32 }. 2^112 undoes
// what reading a binary16's bits as the top of a binary32 leaves out.
// As digits: q = 128 hi + lo with both digits in -64..63, stored as four hi then the same four's lo, so that one digit
// fits the 7-bit side of `relaxed_dot_i8x16_i7x16` whichever way round an engine reads it. Paired, and always in the plain
// build: q as i16; in the relaxed build the second and third of four change places (linear_paired.as.ts).
import { HALF_UNIT, maxLane, roundSmall } from '../lib/simd.as';

const LEVELS: f32 = 8127.0;

/** To the nearest integer, ties to even; |x| inverse is at most LEVELS. */
@inline
function round4(x: usize, inverse: v128): v128 {
  return roundSmall(f32x4.mul(v128.load(x), inverse));
}

@inline
function highDigit(q: v128): v128 {
  return i32x4.shr_s(i32x4.add(q, i32x4.splat(64)), 7);
}

@inline
function lowDigit(q: v128, high: v128): v128 {
  return i32x4.sub(q, i32x4.shl(high, 7));
}

@inline
function swapMiddle(fours: v128): v128 {
  return v128.shuffle<u16>(fours, fours, 0, 2, 1, 3, 4, 6, 5, 7);
}

@inline
function storeSixteen(q0: v128, q1: v128, q2: v128, q3: v128, digits: usize, isPaired: bool): void {
  if (!ASC_FEATURE_RELAXED_SIMD) {
    v128.store(digits, i16x8.narrow_i32x4_s(q0, q1));
    v128.store(digits, i16x8.narrow_i32x4_s(q2, q3), 16);
  } else if (isPaired) {
    v128.store(digits, swapMiddle(i16x8.narrow_i32x4_s(q0, q1)));
    v128.store(digits, swapMiddle(i16x8.narrow_i32x4_s(q2, q3)), 16);
  } else {
    const h0 = highDigit(q0);
    const h1 = highDigit(q1);
    const h2 = highDigit(q2);
    const h3 = highDigit(q3);
    const high = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(h0, h1), i16x8.narrow_i32x4_s(h2, h3));
    const low = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(lowDigit(q0, h0), lowDigit(q1, h1)),
      i16x8.narrow_i32x4_s(lowDigit(q2, h2), lowDigit(q3, h3)),
    );
    v128.store(digits, v128.shuffle<i32>(high, low, 0, 4, 1, 5));
    v128.store(digits, v128.shuffle<i32>(high, low, 2, 6, 3, 7), 16);
  }
}

/** Quantizes one row `x` [K] f32, K a multiple of 32. */
export function quantizeActivations(x: usize, cols: i32, digits: usize, blocks: usize, isPaired: bool): void {
  for (let i = 0; i < cols; i += 32) {
    let m = f32x4.abs(v128.load(x));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 16)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 32)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 48)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 64)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 80)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 96)));
    m = f32x4.pmax(m, f32x4.abs(v128.load(x, 112)));
    // The lower bound keeps the inverse finite; such a block rounds to zeros or nearly so.
    const largest: f32 = max(maxLane(m), 1e-30);
    const inverse = f32x4.splat(LEVELS / largest);
    const q0 = round4(x, inverse);
    const q1 = round4(x + 16, inverse);
    const q2 = round4(x + 32, inverse);
    const q3 = round4(x + 48, inverse);
    const q4 = round4(x + 64, inverse);
    const q5 = round4(x + 80, inverse);
    const q6 = round4(x + 96, inverse);
    const q7 = round4(x + 112, inverse);
    storeSixteen(q0, q1, q2, q3, digits, isPaired);
    storeSixteen(q4, q5, q6, q7, digits + 32, isPaired);
    const sum = i32x4.add(
      i32x4.add(i32x4.add(q0, q1), i32x4.add(q2, q3)),
      i32x4.add(i32x4.add(q4, q5), i32x4.add(q6, q7)),
    );
    store<f32>(blocks, (largest / LEVELS) * HALF_UNIT);
    store<i32>(
      blocks,
      i32x4.extract_lane(sum, 0) +
        i32x4.extract_lane(sum, 1) +
        i32x4.extract_lane(sum, 2) +
        i32x4.extract_lane(sum, 3),
      4,
    );
    x += 128;
    digits += 64;
    blocks += 8;
  }
}

// Vector arithmetic shared by the CPU kernels. AssemblyScript; `usize` arguments are byte addresses in shared memory.
//
// Constants of hot loops are read from memory: V8 builds a vector constant anew at each use, four instructions instead of
// one, which made exp4 three times as slow.

/** a * b + c; one rounding in the relaxed build, two in the plain one. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

@inline
export function maxLane(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

@inline
function numbers(at: usize): v128 {
  return v128.load_splat<f32>(at);
}
@inline
function integers(at: usize): v128 {
  return v128.load_splat<i32>(at);
}

/** 1.0, whose bits are also what exp4 adds to an exponent. */
const ONE = memory.data<f32>([1.0]);
const TWO = memory.data<f32>([2.0]);
/** Limits of exp4's argument. */
const LEAST = memory.data<f32>([-57.0]);
const MOST = memory.data<f32>([88.0]);
/** 1.5 * 2^23: adding it rounds to a whole number and leaves that in the low bits. */
const ROUNDER = memory.data<f32>([12582912.0]);
const LOG2_E = memory.data<f32>([1.44269504]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
/** LN2_HIGH less ln 2. */
const LN2_EXCESS = memory.data<f32>([2.1219444e-4]);
/** Coefficients of exp4's polynomial, highest first. */
const EXP_P0 = memory.data<f32>([1.987569150e-4]);
const EXP_P1 = memory.data<f32>([1.3981999507e-3]);
const EXP_P2 = memory.data<f32>([8.3334519073e-3]);
const EXP_P3 = memory.data<f32>([4.1665795894e-2]);
const EXP_P4 = memory.data<f32>([1.6666665459e-1]);
const EXP_P5 = memory.data<f32>([5.0000001201e-1]);
/** 1 / 13 to 1 / 3: those of atanh's series in softplus4. */
const THIRTEENTH = memory.data<f32>([1.0 / 13.0]);
const ELEVENTH = memory.data<f32>([1.0 / 11.0]);
const NINTH = memory.data<f32>([1.0 / 9.0]);
const SEVENTH = memory.data<f32>([1.0 / 7.0]);
const FIFTH = memory.data<f32>([1.0 / 5.0]);
const THIRD = memory.data<f32>([1.0 / 3.0]);
/** A binary32 without the three bits that widening a binary16 by sign leaves between sign and exponent. */
const HALF_BITS = memory.data<u32>([0x8fffffff]);

/**
 * exp(x) to about 1e-7 relative for x <= 88. Below -57 it is 0 instead of 1e-25: such a factor changes no sum here, and
 * what it multiplies would become denormal, which processors compute slowly.
 * Source: Cephes expf.
 */
@inline
export function exp4(x: v128): v128 {
  const isTiny = f32x4.lt(x, numbers(LEAST));
  x = f32x4.pmax(f32x4.pmin(x, numbers(MOST)), numbers(LEAST));
  // The whole number in the low bits is shifted into the exponent below.
  const shifted = madd(x, numbers(LOG2_E), numbers(ROUNDER));
  const n = f32x4.sub(shifted, numbers(ROUNDER));
  let r = f32x4.sub(x, f32x4.mul(n, numbers(LN2_HIGH)));
  r = f32x4.add(r, f32x4.mul(n, numbers(LN2_EXCESS)));
  let p = numbers(EXP_P0);
  p = madd(p, r, numbers(EXP_P1));
  p = madd(p, r, numbers(EXP_P2));
  p = madd(p, r, numbers(EXP_P3));
  p = madd(p, r, numbers(EXP_P4));
  p = madd(p, r, numbers(EXP_P5));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, numbers(ONE)));
  const scale = i32x4.add(i32x4.shl(shifted, 23), integers(ONE));
  return v128.andnot(f32x4.mul(p, scale), isTiny);
}

/** The nearest integers, ties to even, of numbers below 2^22: the low bits once there is no room for a fraction. */
@inline
export function roundSmall(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, numbers(ROUNDER)), integers(ROUNDER));
}

// Engines that can join two neighbouring vectors do so only where nothing stands between their loads and stores: kernels
// load all they need before they store.

/** x / (1 + exp(-x)). */
@inline
export function silu4(x: v128): v128 {
  return f32x4.div(x, f32x4.add(numbers(ONE), exp4(f32x4.neg(x))));
}

/** log(1 + exp(x)), relative precision kept for very negative x: log1p(u) = 2 atanh(u / (2 + u)), u = exp(-|x|) <= 1. */
@inline
export function softplus4(x: v128): v128 {
  const u = exp4(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(u, f32x4.add(u, numbers(TWO)));
  const q = f32x4.mul(s, s);
  let p = numbers(THIRTEENTH);
  p = madd(p, q, numbers(ELEVENTH));
  p = madd(p, q, numbers(NINTH));
  p = madd(p, q, numbers(SEVENTH));
  p = madd(p, q, numbers(FIFTH));
  p = madd(p, q, numbers(THIRD));
  p = madd(p, q, numbers(ONE));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0.0)), f32x4.mul(f32x4.add(s, s), p));
}

/** 2^112: what `lowHalves` and `highHalves` leave out. */
export const HALF_UNIT: f32 = 5.192296858534828e33;

/** Four of eight binary16 as the bits of a binary32 that begins with them: the value times 2^-112, exact. */
@inline
export function lowHalves(h: v128): v128 {
  return v128.and(i32x4.shl(i32x4.extend_low_i16x8_s(h), 13), integers(HALF_BITS));
}
@inline
export function highHalves(h: v128): v128 {
  return v128.and(i32x4.shl(i32x4.extend_high_i16x8_s(h), 13), integers(HALF_BITS));
}

/** The value of a binary16. */
@inline
export function halfToFloat(bits: u32): f32 {
  return reinterpret<f32>(((bits & 0x7fff) << 13) | ((bits & 0x8000) << 16)) * HALF_UNIT;
}

/** The nearest binary16's bits, ties to even; |x| below 65504. */
@inline
export function floatToHalf(x: f32): u32 {
  const bits = reinterpret<u32>(abs(x) * <f32>1.925929944387236e-34);
  const rounded = (bits + 0xfff + ((bits >> 13) & 1)) >> 13;
  return rounded | (x < 0 ? 0x8000 : 0);
}

// Vector arithmetic shared by the CPU kernels. AssemblyScript; `usize` arguments are byte addresses in shared memory.

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

/**
 * exp(x) to about 1e-7 relative for x <= 88. Below -57 it is 0 instead of 1e-25: such a factor changes no sum here, and
 * what it multiplies would become denormal, which processors compute slowly.
 * Source: Cephes expf.
 */
@inline
export function exp4(x: v128): v128 {
  const isTiny = f32x4.lt(x, f32x4.splat(-57.0));
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.0)), f32x4.splat(-57.0));
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits, from where it is shifted into the exponent.
  const shifted = madd(x, f32x4.splat(1.44269504), f32x4.splat(12582912.0));
  const n = f32x4.sub(shifted, f32x4.splat(12582912.0));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.987569150e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1.0)));
  const scale = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000));
  return v128.andnot(f32x4.mul(p, scale), isTiny);
}

// Engines that can join two neighbouring vectors do so only where nothing stands between their loads and stores: kernels
// load all they need before they store.

/** x / (1 + exp(-x)). */
@inline
export function silu4(x: v128): v128 {
  return f32x4.div(x, f32x4.add(f32x4.splat(1.0), exp4(f32x4.neg(x))));
}

/** log(1 + exp(x)), relative precision kept for very negative x: log1p(u) = 2 atanh(u / (2 + u)), u = exp(-|x|) <= 1. */
@inline
export function softplus4(x: v128): v128 {
  const u = exp4(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(u, f32x4.add(u, f32x4.splat(2.0)));
  const q = f32x4.mul(s, s);
  let p = f32x4.splat(1.0 / 13.0);
  p = madd(p, q, f32x4.splat(1.0 / 11.0));
  p = madd(p, q, f32x4.splat(1.0 / 9.0));
  p = madd(p, q, f32x4.splat(1.0 / 7.0));
  p = madd(p, q, f32x4.splat(1.0 / 5.0));
  p = madd(p, q, f32x4.splat(1.0 / 3.0));
  p = madd(p, q, f32x4.splat(1.0));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0.0)), f32x4.mul(f32x4.add(s, s), p));
}

/** 2^112: what `lowHalves` and `highHalves` leave out. */
export const HALF_UNIT: f32 = 5.192296858534828e33;

/** Four of eight binary16 as the bits of a binary32 that begins with them: the value times 2^-112, exact. */
@inline
export function lowHalves(h: v128): v128 {
  return v128.and(i32x4.shl(i32x4.extend_low_i16x8_s(h), 13), i32x4.splat(0x8fffffff));
}
@inline
export function highHalves(h: v128): v128 {
  return v128.and(i32x4.shl(i32x4.extend_high_i16x8_s(h), 13), i32x4.splat(0x8fffffff));
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

// ssd_chunk_state and ssd_state_passing in one: the state of one head after a chunk.
//   h1[p,n] = exp(cum[L-1]) h0[p,n] + sum_s exp(cum[L-1] - cum[s]) dt[s] x[s,p] B[s,n]
// Layout, f32: x rows of P, B rows of N, each with its own stride; dt, cum [L rounded up to 4]; weighted [L, P] scratch;
// h0 and h1 [P / S, N, S] as in ssd_state_update.as.ts, N even. h1 may be h0. Numerics: f32.
// Source: Mamba-2 paper, section 6, steps 2 and 3.
import { exp4, madd } from '../lib/simd.as';

/** weighted[s,p] = exp(cum[L-1] - cum[s]) dt[s] x[s,p]; returns exp(cum[L-1]). */
function weightInputs(
  x: usize,
  ldx: i32,
  dt: usize,
  cum: usize,
  tokens: i32,
  headDim: i32,
  weighted: usize,
): f32 {
  const width = <usize>headDim << 2;
  const end = v128.load_splat<f32>(cum + (<usize>(tokens - 1) << 2));
  for (let s = 0; s < tokens; s++) {
    const at = <usize>s << 2;
    const decay = exp4(f32x4.sub(end, v128.load_splat<f32>(cum + at)));
    const weight = f32x4.mul(decay, v128.load_splat<f32>(dt + at));
    const row = x + ((<usize>s * <usize>ldx) << 2);
    for (let p: usize = 0; p < width; p += 16) {
      v128.store(weighted + p, f32x4.mul(v128.load(row + p), weight));
    }
    weighted += width;
  }
  return f32x4.extract_lane(exp4(end), 0);
}

export function ssdChunkState(
  x: usize,
  ldx: i32,
  B: usize,
  ldb: i32,
  dt: usize,
  cum: usize,
  h0: usize,
  h1: usize,
  tokens: i32,
  headDim: i32,
  dState: i32,
  weighted: usize,
): void {
  const decay = weightInputs(x, ldx, dt, cum, tokens, headDim, weighted);
  const bStride = <usize>ldb << 2;
  const width = <usize>headDim << 2;
  const isWide = (headDim & 15) == 0;
  const strip: usize = isWide ? 64 : 16;
  let from = h0;
  let to = h1;
  for (let p: usize = 0; p < width; p += strip) {
    for (let n: usize = 0; n < <usize>dState << 2; n += 8) {
      if (isWide) statePairWide(from, to, decay, weighted + p, width, B + n, bStride, tokens);
      else statePairNarrow(from, to, decay, weighted + p, width, B + n, bStride, tokens);
      from += 2 * strip;
      to += 2 * strip;
    }
  }
}

/** Two n by sixteen p. */
function statePairWide(
  from: usize,
  to: usize,
  decayed: f32,
  u: usize,
  uStride: usize,
  b: usize,
  bStride: usize,
  tokens: i32,
): void {
  const decay = f32x4.splat(decayed);
  let s0 = f32x4.mul(v128.load(from), decay);
  let s1 = f32x4.mul(v128.load(from, 16), decay);
  let s2 = f32x4.mul(v128.load(from, 32), decay);
  let s3 = f32x4.mul(v128.load(from, 48), decay);
  let t0 = f32x4.mul(v128.load(from, 64), decay);
  let t1 = f32x4.mul(v128.load(from, 80), decay);
  let t2 = f32x4.mul(v128.load(from, 96), decay);
  let t3 = f32x4.mul(v128.load(from, 112), decay);
  for (let s = 0; s < tokens; s++) {
    const v = v128.load_splat<f32>(b);
    const w = v128.load_splat<f32>(b, 4);
    let i = v128.load(u);
    s0 = madd(i, v, s0);
    t0 = madd(i, w, t0);
    i = v128.load(u, 16);
    s1 = madd(i, v, s1);
    t1 = madd(i, w, t1);
    i = v128.load(u, 32);
    s2 = madd(i, v, s2);
    t2 = madd(i, w, t2);
    i = v128.load(u, 48);
    s3 = madd(i, v, s3);
    t3 = madd(i, w, t3);
    u += uStride;
    b += bStride;
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
  v128.store(to, t0, 64);
  v128.store(to, t1, 80);
  v128.store(to, t2, 96);
  v128.store(to, t3, 112);
}

/** Two n by four p. */
function statePairNarrow(
  from: usize,
  to: usize,
  decayed: f32,
  u: usize,
  uStride: usize,
  b: usize,
  bStride: usize,
  tokens: i32,
): void {
  const decay = f32x4.splat(decayed);
  let s0 = f32x4.mul(v128.load(from), decay);
  let t0 = f32x4.mul(v128.load(from, 16), decay);
  for (let s = 0; s < tokens; s++) {
    const i = v128.load(u);
    s0 = madd(i, v128.load_splat<f32>(b), s0);
    t0 = madd(i, v128.load_splat<f32>(b, 4), t0);
    u += uStride;
    b += bStride;
  }
  v128.store(to, s0);
  v128.store(to, t0, 16);
}

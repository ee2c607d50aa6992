// ssd_chunk_state and ssd_state_passing in one: the state of one head after a chunk.
//   h1[p,n] = exp(cum[L-1]) h0[p,n] + sum_s exp(cum[L-1] - cum[s]) dt[s] x[s,p] B[s,n]
// Layout, f32: x rows of P, B rows of N, each with its own stride; dt, cum [L rounded up to 4]; weighted [L, P] scratch;
// h0 and h1 [P / S, N, S] as in ssd_state_update.as.ts, N a multiple of 4. h1 may be h0. Numerics: f32.
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
    for (let n: usize = 0; n < <usize>dState << 2; n += 16) {
      if (isWide) stateWide(from, to, decay, weighted + p, width, B + n, bStride, tokens);
      else stateNarrow(from, to, decay, weighted + p, width, B + n, bStride, tokens);
      from += 4 * strip;
      to += 4 * strip;
    }
  }
}

/** Four n by sixteen p: fewer sums at once wait for each other. */
function stateWide(
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
  let a0 = f32x4.mul(v128.load(from), decay);
  let a1 = f32x4.mul(v128.load(from, 16), decay);
  let a2 = f32x4.mul(v128.load(from, 32), decay);
  let a3 = f32x4.mul(v128.load(from, 48), decay);
  let b0 = f32x4.mul(v128.load(from, 64), decay);
  let b1 = f32x4.mul(v128.load(from, 80), decay);
  let b2 = f32x4.mul(v128.load(from, 96), decay);
  let b3 = f32x4.mul(v128.load(from, 112), decay);
  let c0 = f32x4.mul(v128.load(from, 128), decay);
  let c1 = f32x4.mul(v128.load(from, 144), decay);
  let c2 = f32x4.mul(v128.load(from, 160), decay);
  let c3 = f32x4.mul(v128.load(from, 176), decay);
  let d0 = f32x4.mul(v128.load(from, 192), decay);
  let d1 = f32x4.mul(v128.load(from, 208), decay);
  let d2 = f32x4.mul(v128.load(from, 224), decay);
  let d3 = f32x4.mul(v128.load(from, 240), decay);
  for (let s = 0; s < tokens; s++) {
    const x0 = v128.load(u);
    const x1 = v128.load(u, 16);
    const x2 = v128.load(u, 32);
    const x3 = v128.load(u, 48);
    let v = v128.load_splat<f32>(b);
    a0 = madd(x0, v, a0);
    a1 = madd(x1, v, a1);
    a2 = madd(x2, v, a2);
    a3 = madd(x3, v, a3);
    v = v128.load_splat<f32>(b, 4);
    b0 = madd(x0, v, b0);
    b1 = madd(x1, v, b1);
    b2 = madd(x2, v, b2);
    b3 = madd(x3, v, b3);
    v = v128.load_splat<f32>(b, 8);
    c0 = madd(x0, v, c0);
    c1 = madd(x1, v, c1);
    c2 = madd(x2, v, c2);
    c3 = madd(x3, v, c3);
    v = v128.load_splat<f32>(b, 12);
    d0 = madd(x0, v, d0);
    d1 = madd(x1, v, d1);
    d2 = madd(x2, v, d2);
    d3 = madd(x3, v, d3);
    u += uStride;
    b += bStride;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to, b0, 64);
  v128.store(to, b1, 80);
  v128.store(to, b2, 96);
  v128.store(to, b3, 112);
  v128.store(to, c0, 128);
  v128.store(to, c1, 144);
  v128.store(to, c2, 160);
  v128.store(to, c3, 176);
  v128.store(to, d0, 192);
  v128.store(to, d1, 208);
  v128.store(to, d2, 224);
  v128.store(to, d3, 240);
}

/** Four n by four p. */
function stateNarrow(
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
  let a0 = f32x4.mul(v128.load(from), decay);
  let b0 = f32x4.mul(v128.load(from, 16), decay);
  let c0 = f32x4.mul(v128.load(from, 32), decay);
  let d0 = f32x4.mul(v128.load(from, 48), decay);
  for (let s = 0; s < tokens; s++) {
    const x0 = v128.load(u);
    let v = v128.load_splat<f32>(b);
    a0 = madd(x0, v, a0);
    v = v128.load_splat<f32>(b, 4);
    b0 = madd(x0, v, b0);
    v = v128.load_splat<f32>(b, 8);
    c0 = madd(x0, v, c0);
    v = v128.load_splat<f32>(b, 12);
    d0 = madd(x0, v, d0);
    u += uStride;
    b += bStride;
  }
  v128.store(to, a0);
  v128.store(to, b0, 16);
  v128.store(to, c0, 32);
  v128.store(to, d0, 48);
}

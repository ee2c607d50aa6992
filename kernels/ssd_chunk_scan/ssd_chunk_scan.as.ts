// ssd_chunk_scan: the outputs of one chunk of one head, from the state before the chunk and the chunk's own tokens.
//   y[l,p] = (exp(cum[l]) sum_n C[l,n] h0[p,n] + sum_{s<=l} W[l,s] x[s,p] + D x[l,p]) * gate[l,p]
//   W[l,s] = (C[l] . B[s]) exp(cum[l] - cum[s]) dt[s]
// Layout, f32: x, gate, y rows of P, C rows of N, each with its own stride; CB and W [L, ldw], ldw = L rounded up to 4;
// dt, cum (running sum of dt A), decay = exp(cum) [ldw]; h0 [P / S, N, S] as in ssd_state_update.as.ts. Numerics: f32.
// Source: Mamba-2 paper, section 6, steps 1 and 4.
import { exp4, madd } from '../lib/simd.as';

/** dot(C[l], B[s]) for s = 0 .. l rounded up to four, one row of CB; what lies above the diagonal is never read as it is. */
export function chunkScores(
  cRow: usize,
  B: usize,
  ldb: i32,
  dState: i32,
  l: i32,
  tokens: i32,
  out: usize,
): void {
  const stride = <usize>ldb << 2;
  const width = <usize>dState << 2;
  for (let s = 0; s <= l; s += 4) {
    const b0 = B + <usize>s * stride;
    // Rows past the last token would be read outside the chunk: the last one stands in.
    const b1 = B + <usize>min(s + 1, tokens - 1) * stride;
    const b2 = B + <usize>min(s + 2, tokens - 1) * stride;
    const b3 = B + <usize>min(s + 3, tokens - 1) * stride;
    let s0 = f32x4.splat(0.0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let n: usize = 0; n < width; n += 16) {
      const c = v128.load(cRow + n);
      s0 = madd(c, v128.load(b0 + n), s0);
      s1 = madd(c, v128.load(b1 + n), s1);
      s2 = madd(c, v128.load(b2 + n), s2);
      s3 = madd(c, v128.load(b3 + n), s3);
    }
    const t0 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
    const t3 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
    const low = f32x4.add(t0, t1);
    const high = f32x4.add(t2, t3);
    v128.store(
      out + (<usize>s << 2),
      f32x4.add(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.shuffle<f32>(low, high, 2, 3, 6, 7)),
    );
  }
}

/** W from CB. Each row is zero from the diagonal's right to the end of its pair of rows and its four columns. */
export function chunkWeights(CB: usize, dt: usize, cum: usize, tokens: i32, ldw: i32, W: usize): void {
  for (let l = 0; l < tokens; l++) {
    const row = (<usize>l * <usize>ldw) << 2;
    const own = v128.load_splat<f32>(cum + (<usize>l << 2));
    for (let s: usize = 0; s <= <usize>l << 2; s += 16) {
      const decay = exp4(f32x4.sub(own, v128.load(cum + s)));
      const weight = f32x4.mul(f32x4.mul(v128.load(CB + row + s), decay), v128.load(dt + s));
      v128.store(W + row + s, weight);
    }
    const end = min(ldw, (l + 5) & ~3);
    for (let s = l + 1; s < end; s++) store<f32>(W + row + (<usize>s << 2), 0.0);
  }
}

/** Outputs of all tokens of the chunk, two at a time. */
export function ssdChunkScan(
  x: usize,
  ldx: i32,
  C: usize,
  ldc: i32,
  W: usize,
  ldw: i32,
  decay: usize,
  D: f32,
  gate: usize,
  ldg: i32,
  h0: usize,
  y: usize,
  ldy: i32,
  tokens: i32,
  headDim: i32,
  dState: i32,
): void {
  const xStride = <usize>ldx << 2;
  const isWide = (headDim & 15) == 0;
  const strip: usize = isWide ? 64 : 16;
  for (let p: usize = 0, end = <usize>headDim << 2; p < end; p += strip) {
    const h = h0 + p * <usize>dState;
    for (let l = 0; l < tokens; l += 2) {
      // An odd last token is computed twice.
      const m = min(l + 1, tokens - 1);
      const xa = x + <usize>l * xStride + p;
      const xb = x + <usize>m * xStride + p;
      const ca = C + ((<usize>l * <usize>ldc) << 2);
      const cb = C + ((<usize>m * <usize>ldc) << 2);
      const wa = W + ((<usize>l * <usize>ldw) << 2);
      const wb = W + ((<usize>m * <usize>ldw) << 2);
      const da = decay + (<usize>l << 2);
      const db = decay + (<usize>m << 2);
      const ga = gate + ((<usize>l * <usize>ldg) << 2) + p;
      const gb = gate + ((<usize>m * <usize>ldg) << 2) + p;
      const ya = y + ((<usize>l * <usize>ldy) << 2) + p;
      const yb = y + ((<usize>m * <usize>ldy) << 2) + p;
      if (isWide) {
        pairWide(xa, xb, ca, cb, wa, wb, da, db, ga, gb, ya, yb, h, x + p, xStride, m, D, dState);
      } else {
        pairNarrow(xa, xb, ca, cb, wa, wb, da, db, ga, gb, ya, yb, h, x + p, xStride, m, D, dState);
      }
    }
  }
}

function pairWide(
  xa: usize,
  xb: usize,
  ca: usize,
  cb: usize,
  wa: usize,
  wb: usize,
  decayA: usize,
  decayB: usize,
  ga: usize,
  gb: usize,
  ya: usize,
  yb: usize,
  h: usize,
  x: usize,
  xStride: usize,
  last: i32,
  D: f32,
  dState: i32,
): void {
  let a0 = f32x4.splat(0.0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (let n: usize = 0, width = <usize>dState << 2; n < width; n += 4) {
    const u = v128.load_splat<f32>(ca + n);
    const v = v128.load_splat<f32>(cb + n);
    let s = v128.load(h);
    a0 = madd(s, u, a0);
    b0 = madd(s, v, b0);
    s = v128.load(h, 16);
    a1 = madd(s, u, a1);
    b1 = madd(s, v, b1);
    s = v128.load(h, 32);
    a2 = madd(s, u, a2);
    b2 = madd(s, v, b2);
    s = v128.load(h, 48);
    a3 = madd(s, u, a3);
    b3 = madd(s, v, b3);
    h += 64;
  }
  const da = v128.load_splat<f32>(decayA);
  const db = v128.load_splat<f32>(decayB);
  const skip = f32x4.splat(D);
  a0 = madd(v128.load(xa), skip, f32x4.mul(a0, da));
  a1 = madd(v128.load(xa, 16), skip, f32x4.mul(a1, da));
  a2 = madd(v128.load(xa, 32), skip, f32x4.mul(a2, da));
  a3 = madd(v128.load(xa, 48), skip, f32x4.mul(a3, da));
  b0 = madd(v128.load(xb), skip, f32x4.mul(b0, db));
  b1 = madd(v128.load(xb, 16), skip, f32x4.mul(b1, db));
  b2 = madd(v128.load(xb, 32), skip, f32x4.mul(b2, db));
  b3 = madd(v128.load(xb, 48), skip, f32x4.mul(b3, db));
  for (let s = 0; s <= last; s++) {
    const u = v128.load_splat<f32>(wa);
    const v = v128.load_splat<f32>(wb);
    let i = v128.load(x);
    a0 = madd(i, u, a0);
    b0 = madd(i, v, b0);
    i = v128.load(x, 16);
    a1 = madd(i, u, a1);
    b1 = madd(i, v, b1);
    i = v128.load(x, 32);
    a2 = madd(i, u, a2);
    b2 = madd(i, v, b2);
    i = v128.load(x, 48);
    a3 = madd(i, u, a3);
    b3 = madd(i, v, b3);
    wa += 4;
    wb += 4;
    x += xStride;
  }
  a0 = f32x4.mul(a0, v128.load(ga));
  a1 = f32x4.mul(a1, v128.load(ga, 16));
  a2 = f32x4.mul(a2, v128.load(ga, 32));
  a3 = f32x4.mul(a3, v128.load(ga, 48));
  b0 = f32x4.mul(b0, v128.load(gb));
  b1 = f32x4.mul(b1, v128.load(gb, 16));
  b2 = f32x4.mul(b2, v128.load(gb, 32));
  b3 = f32x4.mul(b3, v128.load(gb, 48));
  v128.store(ya, a0);
  v128.store(ya, a1, 16);
  v128.store(ya, a2, 32);
  v128.store(ya, a3, 48);
  v128.store(yb, b0);
  v128.store(yb, b1, 16);
  v128.store(yb, b2, 32);
  v128.store(yb, b3, 48);
}

function pairNarrow(
  xa: usize,
  xb: usize,
  ca: usize,
  cb: usize,
  wa: usize,
  wb: usize,
  decayA: usize,
  decayB: usize,
  ga: usize,
  gb: usize,
  ya: usize,
  yb: usize,
  h: usize,
  x: usize,
  xStride: usize,
  last: i32,
  D: f32,
  dState: i32,
): void {
  let a = f32x4.splat(0.0);
  let b = a;
  for (let n: usize = 0, width = <usize>dState << 2; n < width; n += 4) {
    const s = v128.load(h);
    a = madd(s, v128.load_splat<f32>(ca + n), a);
    b = madd(s, v128.load_splat<f32>(cb + n), b);
    h += 16;
  }
  const skip = f32x4.splat(D);
  a = madd(v128.load(xa), skip, f32x4.mul(a, v128.load_splat<f32>(decayA)));
  b = madd(v128.load(xb), skip, f32x4.mul(b, v128.load_splat<f32>(decayB)));
  for (let s = 0; s <= last; s++) {
    const i = v128.load(x);
    a = madd(i, v128.load_splat<f32>(wa), a);
    b = madd(i, v128.load_splat<f32>(wb), b);
    wa += 4;
    wb += 4;
    x += xStride;
  }
  v128.store(ya, f32x4.mul(a, v128.load(ga)));
  v128.store(yb, f32x4.mul(b, v128.load(gb)));
}

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

/** W from CB. Each row is zero from the diagonal's right to the end of its four columns. */
export function chunkWeights(CB: usize, dt: usize, cum: usize, tokens: i32, ldw: i32, W: usize): void {
  for (let l = 0; l < tokens; l++) {
    const row = (<usize>l * <usize>ldw) << 2;
    const own = v128.load_splat<f32>(cum + (<usize>l << 2));
    for (let s: usize = 0; s <= <usize>l << 2; s += 16) {
      const decay = exp4(f32x4.sub(own, v128.load(cum + s)));
      const weight = f32x4.mul(f32x4.mul(v128.load(CB + row + s), decay), v128.load(dt + s));
      v128.store(W + row + s, weight);
    }
    const end = (l + 4) & ~3;
    for (let s = l + 1; s < end; s++) store<f32>(W + row + (<usize>s << 2), 0.0);
  }
}

/** Outputs of all tokens of the chunk, four at a time: fewer sums at once wait for each other. */
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
  const dx = <usize>ldx << 2;
  const dc = <usize>ldc << 2;
  const dw = <usize>ldw << 2;
  const dg = <usize>ldg << 2;
  const dy = <usize>ldy << 2;
  const isWide = (headDim & 15) == 0;
  const strip: usize = isWide ? 64 : 16;
  const end = tokens - 1;
  for (let p: usize = 0, width = <usize>headDim << 2; p < width; p += strip) {
    const h = h0 + p * <usize>dState;
    const i = x + p;
    const g = gate + p;
    const o = y + p;
    for (let t = 0; t < tokens; t += 4) {
      if (isWide) scanWide(i, dx, C, dc, W, dw, decay, D, g, dg, h, o, dy, t, end, dState);
      else scanNarrow(i, dx, C, dc, W, dw, decay, D, g, dg, h, o, dy, t, end, dState);
    }
  }
}

/** Tokens first to first + 3, none after `last`, by sixteen columns. */
function scanWide(
  x: usize,
  xStride: usize,
  C: usize,
  cStride: usize,
  W: usize,
  wStride: usize,
  decay: usize,
  D: f32,
  gate: usize,
  gateStride: usize,
  h: usize,
  y: usize,
  yStride: usize,
  first: i32,
  last: i32,
  dState: i32,
): void {
  // Where fewer than four are left the last one is computed several times.
  const a = <usize>first;
  const b = <usize>min(first + 1, last);
  const c = <usize>min(first + 2, last);
  const d = <usize>min(first + 3, last);
  let a0 = f32x4.splat(0.0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  let d0 = a0;
  let d1 = a0;
  let d2 = a0;
  let d3 = a0;
  let pa = C + a * cStride;
  let pb = C + b * cStride;
  let pc = C + c * cStride;
  let pd = C + d * cStride;
  for (let n = 0; n < dState; n++) {
    const s0 = v128.load(h);
    const s1 = v128.load(h, 16);
    const s2 = v128.load(h, 32);
    const s3 = v128.load(h, 48);
    let u = v128.load_splat<f32>(pa);
    a0 = madd(s0, u, a0);
    a1 = madd(s1, u, a1);
    a2 = madd(s2, u, a2);
    a3 = madd(s3, u, a3);
    u = v128.load_splat<f32>(pb);
    b0 = madd(s0, u, b0);
    b1 = madd(s1, u, b1);
    b2 = madd(s2, u, b2);
    b3 = madd(s3, u, b3);
    u = v128.load_splat<f32>(pc);
    c0 = madd(s0, u, c0);
    c1 = madd(s1, u, c1);
    c2 = madd(s2, u, c2);
    c3 = madd(s3, u, c3);
    u = v128.load_splat<f32>(pd);
    d0 = madd(s0, u, d0);
    d1 = madd(s1, u, d1);
    d2 = madd(s2, u, d2);
    d3 = madd(s3, u, d3);
    pa += 4;
    pb += 4;
    pc += 4;
    pd += 4;
    h += 64;
  }
  const skip = f32x4.splat(D);
  let row = x + a * xStride;
  let w = v128.load_splat<f32>(decay + (a << 2));
  a0 = madd(v128.load(row), skip, f32x4.mul(a0, w));
  a1 = madd(v128.load(row, 16), skip, f32x4.mul(a1, w));
  a2 = madd(v128.load(row, 32), skip, f32x4.mul(a2, w));
  a3 = madd(v128.load(row, 48), skip, f32x4.mul(a3, w));
  row = x + b * xStride;
  w = v128.load_splat<f32>(decay + (b << 2));
  b0 = madd(v128.load(row), skip, f32x4.mul(b0, w));
  b1 = madd(v128.load(row, 16), skip, f32x4.mul(b1, w));
  b2 = madd(v128.load(row, 32), skip, f32x4.mul(b2, w));
  b3 = madd(v128.load(row, 48), skip, f32x4.mul(b3, w));
  row = x + c * xStride;
  w = v128.load_splat<f32>(decay + (c << 2));
  c0 = madd(v128.load(row), skip, f32x4.mul(c0, w));
  c1 = madd(v128.load(row, 16), skip, f32x4.mul(c1, w));
  c2 = madd(v128.load(row, 32), skip, f32x4.mul(c2, w));
  c3 = madd(v128.load(row, 48), skip, f32x4.mul(c3, w));
  row = x + d * xStride;
  w = v128.load_splat<f32>(decay + (d << 2));
  d0 = madd(v128.load(row), skip, f32x4.mul(d0, w));
  d1 = madd(v128.load(row, 16), skip, f32x4.mul(d1, w));
  d2 = madd(v128.load(row, 32), skip, f32x4.mul(d2, w));
  d3 = madd(v128.load(row, 48), skip, f32x4.mul(d3, w));
  pa = W + a * wStride;
  pb = W + b * wStride;
  pc = W + c * wStride;
  pd = W + d * wStride;
  const end = x + d * xStride;
  for (row = x; row <= end; row += xStride) {
    const s0 = v128.load(row);
    const s1 = v128.load(row, 16);
    const s2 = v128.load(row, 32);
    const s3 = v128.load(row, 48);
    w = v128.load_splat<f32>(pa);
    a0 = madd(s0, w, a0);
    a1 = madd(s1, w, a1);
    a2 = madd(s2, w, a2);
    a3 = madd(s3, w, a3);
    w = v128.load_splat<f32>(pb);
    b0 = madd(s0, w, b0);
    b1 = madd(s1, w, b1);
    b2 = madd(s2, w, b2);
    b3 = madd(s3, w, b3);
    w = v128.load_splat<f32>(pc);
    c0 = madd(s0, w, c0);
    c1 = madd(s1, w, c1);
    c2 = madd(s2, w, c2);
    c3 = madd(s3, w, c3);
    w = v128.load_splat<f32>(pd);
    d0 = madd(s0, w, d0);
    d1 = madd(s1, w, d1);
    d2 = madd(s2, w, d2);
    d3 = madd(s3, w, d3);
    pa += 4;
    pb += 4;
    pc += 4;
    pd += 4;
  }
  row = gate + a * gateStride;
  a0 = f32x4.mul(a0, v128.load(row));
  a1 = f32x4.mul(a1, v128.load(row, 16));
  a2 = f32x4.mul(a2, v128.load(row, 32));
  a3 = f32x4.mul(a3, v128.load(row, 48));
  row = gate + b * gateStride;
  b0 = f32x4.mul(b0, v128.load(row));
  b1 = f32x4.mul(b1, v128.load(row, 16));
  b2 = f32x4.mul(b2, v128.load(row, 32));
  b3 = f32x4.mul(b3, v128.load(row, 48));
  row = gate + c * gateStride;
  c0 = f32x4.mul(c0, v128.load(row));
  c1 = f32x4.mul(c1, v128.load(row, 16));
  c2 = f32x4.mul(c2, v128.load(row, 32));
  c3 = f32x4.mul(c3, v128.load(row, 48));
  row = gate + d * gateStride;
  d0 = f32x4.mul(d0, v128.load(row));
  d1 = f32x4.mul(d1, v128.load(row, 16));
  d2 = f32x4.mul(d2, v128.load(row, 32));
  d3 = f32x4.mul(d3, v128.load(row, 48));
  row = y + a * yStride;
  v128.store(row, a0);
  v128.store(row, a1, 16);
  v128.store(row, a2, 32);
  v128.store(row, a3, 48);
  row = y + b * yStride;
  v128.store(row, b0);
  v128.store(row, b1, 16);
  v128.store(row, b2, 32);
  v128.store(row, b3, 48);
  row = y + c * yStride;
  v128.store(row, c0);
  v128.store(row, c1, 16);
  v128.store(row, c2, 32);
  v128.store(row, c3, 48);
  row = y + d * yStride;
  v128.store(row, d0);
  v128.store(row, d1, 16);
  v128.store(row, d2, 32);
  v128.store(row, d3, 48);
}

/** The same by four columns. */
function scanNarrow(
  x: usize,
  xStride: usize,
  C: usize,
  cStride: usize,
  W: usize,
  wStride: usize,
  decay: usize,
  D: f32,
  gate: usize,
  gateStride: usize,
  h: usize,
  y: usize,
  yStride: usize,
  first: i32,
  last: i32,
  dState: i32,
): void {
  // Where fewer than four are left the last one is computed several times.
  const a = <usize>first;
  const b = <usize>min(first + 1, last);
  const c = <usize>min(first + 2, last);
  const d = <usize>min(first + 3, last);
  let a0 = f32x4.splat(0.0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  let pa = C + a * cStride;
  let pb = C + b * cStride;
  let pc = C + c * cStride;
  let pd = C + d * cStride;
  for (let n = 0; n < dState; n++) {
    const s0 = v128.load(h);
    let u = v128.load_splat<f32>(pa);
    a0 = madd(s0, u, a0);
    u = v128.load_splat<f32>(pb);
    b0 = madd(s0, u, b0);
    u = v128.load_splat<f32>(pc);
    c0 = madd(s0, u, c0);
    u = v128.load_splat<f32>(pd);
    d0 = madd(s0, u, d0);
    pa += 4;
    pb += 4;
    pc += 4;
    pd += 4;
    h += 16;
  }
  const skip = f32x4.splat(D);
  let row = x + a * xStride;
  let w = v128.load_splat<f32>(decay + (a << 2));
  a0 = madd(v128.load(row), skip, f32x4.mul(a0, w));
  row = x + b * xStride;
  w = v128.load_splat<f32>(decay + (b << 2));
  b0 = madd(v128.load(row), skip, f32x4.mul(b0, w));
  row = x + c * xStride;
  w = v128.load_splat<f32>(decay + (c << 2));
  c0 = madd(v128.load(row), skip, f32x4.mul(c0, w));
  row = x + d * xStride;
  w = v128.load_splat<f32>(decay + (d << 2));
  d0 = madd(v128.load(row), skip, f32x4.mul(d0, w));
  pa = W + a * wStride;
  pb = W + b * wStride;
  pc = W + c * wStride;
  pd = W + d * wStride;
  const end = x + d * xStride;
  for (row = x; row <= end; row += xStride) {
    const s0 = v128.load(row);
    w = v128.load_splat<f32>(pa);
    a0 = madd(s0, w, a0);
    w = v128.load_splat<f32>(pb);
    b0 = madd(s0, w, b0);
    w = v128.load_splat<f32>(pc);
    c0 = madd(s0, w, c0);
    w = v128.load_splat<f32>(pd);
    d0 = madd(s0, w, d0);
    pa += 4;
    pb += 4;
    pc += 4;
    pd += 4;
  }
  row = gate + a * gateStride;
  a0 = f32x4.mul(a0, v128.load(row));
  row = gate + b * gateStride;
  b0 = f32x4.mul(b0, v128.load(row));
  row = gate + c * gateStride;
  c0 = f32x4.mul(c0, v128.load(row));
  row = gate + d * gateStride;
  d0 = f32x4.mul(d0, v128.load(row));
  row = y + a * yStride;
  v128.store(row, a0);
  row = y + b * yStride;
  v128.store(row, b0);
  row = y + c * yStride;
  v128.store(row, c0);
  row = y + d * yStride;
  v128.store(row, d0);
}

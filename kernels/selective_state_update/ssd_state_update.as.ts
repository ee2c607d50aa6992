// selective_state_update for Mamba-2: one decode step of one head, the state streamed once.
//   h[p,n] = exp(dt A) h[p,n] + dt x[p] B[n];   y[p] = (sum_n C[n] h[p,n] + D x[p]) * gate[p]
// Layout, f32: x, gate (silu(z)), y [P]; B, C [N]; state [P / S, N, S] with strips of S = 16 (4 where P is no multiple of
// 16), so that a lane is a p and nothing is summed across lanes. stateOut may be stateIn. Numerics: f32.
import { madd } from '../lib/simd.as';

export function ssdStateUpdate(
  x: usize,
  dt: f32,
  decay: f32,
  B: usize,
  C: usize,
  D: f32,
  gate: usize,
  stateIn: usize,
  stateOut: usize,
  y: usize,
  headDim: i32,
  dState: i32,
): void {
  const step = f32x4.splat(dt);
  const skip = f32x4.splat(D);
  const dA = f32x4.splat(decay);
  const width = <usize>dState << 2;
  const end = <usize>headDim << 2;
  let s = stateIn;
  let o = stateOut;
  if ((headDim & 15) != 0) {
    for (let p: usize = 0; p < end; p += 16) {
      const input = v128.load(x + p);
      const u = f32x4.mul(input, step);
      let sum = f32x4.mul(input, skip);
      for (let n: usize = 0; n < width; n += 4) {
        const h = madd(u, v128.load_splat<f32>(B + n), f32x4.mul(v128.load(s), dA));
        v128.store(o, h);
        sum = madd(h, v128.load_splat<f32>(C + n), sum);
        s += 16;
        o += 16;
      }
      v128.store(y + p, f32x4.mul(sum, v128.load(gate + p)));
    }
    return;
  }
  for (let p: usize = 0; p < end; p += 64) {
    const u0 = f32x4.mul(v128.load(x + p), step);
    const u1 = f32x4.mul(v128.load(x + p, 16), step);
    const u2 = f32x4.mul(v128.load(x + p, 32), step);
    const u3 = f32x4.mul(v128.load(x + p, 48), step);
    let y0 = f32x4.mul(v128.load(x + p), skip);
    let y1 = f32x4.mul(v128.load(x + p, 16), skip);
    let y2 = f32x4.mul(v128.load(x + p, 32), skip);
    let y3 = f32x4.mul(v128.load(x + p, 48), skip);
    for (let n: usize = 0; n < width; n += 4) {
      const b = v128.load_splat<f32>(B + n);
      const c = v128.load_splat<f32>(C + n);
      const h0 = madd(u0, b, f32x4.mul(v128.load(s), dA));
      const h1 = madd(u1, b, f32x4.mul(v128.load(s, 16), dA));
      const h2 = madd(u2, b, f32x4.mul(v128.load(s, 32), dA));
      const h3 = madd(u3, b, f32x4.mul(v128.load(s, 48), dA));
      v128.store(o, h0);
      v128.store(o, h1, 16);
      v128.store(o, h2, 32);
      v128.store(o, h3, 48);
      y0 = madd(h0, c, y0);
      y1 = madd(h1, c, y1);
      y2 = madd(h2, c, y2);
      y3 = madd(h3, c, y3);
      s += 64;
      o += 64;
    }
    y0 = f32x4.mul(y0, v128.load(gate + p));
    y1 = f32x4.mul(y1, v128.load(gate + p, 16));
    y2 = f32x4.mul(y2, v128.load(gate + p, 32));
    y3 = f32x4.mul(y3, v128.load(gate + p, 48));
    v128.store(y + p, y0);
    v128.store(y + p, y1, 16);
    v128.store(y + p, y2, 32);
    v128.store(y + p, y3, 48);
  }
}

// selective_state_update for Mamba-1: one decode step, channels [first, last) in fours, the state advanced in place.
//   h[d,n] = exp(dt[d] A[d,n]) h[d,n] + dt[d] B[n] x[d];   y[d] = (sum_n C[n] h[d,n] + D[d] x[d]) * gate[d]
// Layout, f32: x, dt (after softplus), D, gate (silu(z)), y [D]; B, C [N]; A and state [D / 4, N, 4]. Numerics: f32.
import { exp4, madd } from '../lib/simd.as';

export function selectiveStateUpdate(
  x: usize,
  dt: usize,
  A: usize,
  B: usize,
  C: usize,
  D: usize,
  gate: usize,
  stateIn: usize,
  stateOut: usize,
  y: usize,
  dState: i32,
  first: i32,
  last: i32,
): void {
  let at = (<usize>first * <usize>dState) << 2;
  for (let d = <usize>first << 2, end = <usize>last << 2; d < end; d += 16) {
    const step = v128.load(dt + d);
    const input = v128.load(x + d);
    const u = f32x4.mul(step, input);
    let sum = f32x4.mul(v128.load(D + d), input);
    for (let n: usize = 0, width = <usize>dState << 2; n < width; n += 4) {
      const decay = exp4(f32x4.mul(step, v128.load(A + at)));
      const h = madd(u, v128.load_splat<f32>(B + n), f32x4.mul(decay, v128.load(stateIn + at)));
      v128.store(stateOut + at, h);
      sum = madd(h, v128.load_splat<f32>(C + n), sum);
      at += 16;
    }
    v128.store(y + d, f32x4.mul(sum, v128.load(gate + d)));
  }
}

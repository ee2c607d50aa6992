// causal_conv1d_update: one decode step of the depthwise causal convolution with SiLU, channels [first, last).
//   y[c] = silu(bias[c] + sum_w weight[w,c] window[w,c]),  window = (state, x); the state moves on by one input.
// Layout, f32, channels innermost: x [C], weight [W, C] (newest last), bias [C], state [W - 1, C] oldest first, y [C].
// first and last are multiples of 4. stateOut may be stateIn. Numerics: f32.
import { madd, silu4 } from '../lib/simd.as';

export function causalConv1dUpdate(
  x: usize,
  weight: usize,
  bias: usize,
  stateIn: usize,
  stateOut: usize,
  y: usize,
  channels: i32,
  kept: i32,
  first: i32,
  last: i32,
): void {
  const stride = <usize>channels << 2;
  for (let c = <usize>first << 2, end = <usize>last << 2; c < end; c += 16) {
    const input = v128.load(x + c);
    let sum = v128.load(bias + c);
    let at = c;
    for (let w = 0; w < kept; w++) {
      const old = v128.load(stateIn + at);
      sum = madd(v128.load(weight + at), old, sum);
      if (w > 0) v128.store(stateOut + at - stride, old);
      at += stride;
    }
    if (kept > 0) v128.store(stateOut + at - stride, input);
    sum = madd(v128.load(weight + at), input, sum);
    v128.store(y + c, silu4(sum));
  }
}

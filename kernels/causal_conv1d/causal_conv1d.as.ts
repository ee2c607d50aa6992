// causal_conv1d: the depthwise causal convolution with SiLU over a sequence, channels [first, last).
//   y[t,c] = silu(bias[c] + sum_w weight[w,c] x[t - (W - 1) + w, c]),  x[-i] from the state
// Layout, f32, channels innermost: x [L, ldx], weight [W, C] (newest last), bias [C], states [W - 1, C] oldest first,
// y [L, ldy]. first and last are multiples of 4; y is not x; stateOut is not stateIn. Numerics: f32.
import { madd, silu4 } from '../lib/simd.as';

export function causalConv1d(
  x: usize,
  ldx: i32,
  weight: usize,
  bias: usize,
  stateIn: usize,
  y: usize,
  ldy: i32,
  channels: i32,
  kept: i32,
  tokens: i32,
  first: i32,
  last: i32,
): void {
  const stride = <usize>channels << 2;
  const xStride = <usize>ldx << 2;
  for (let c = <usize>first << 2, end = <usize>last << 2; c < end; c += 16) {
    for (let t = 0; t < tokens; t++) {
      let sum = v128.load(bias + c);
      for (let w = 0; w <= kept; w++) {
        const from = t - kept + w;
        const input =
          from < 0
            ? v128.load(stateIn + <usize>(t + w) * stride + c)
            : v128.load(x + <usize>from * xStride + c);
        sum = madd(v128.load(weight + <usize>w * stride + c), input, sum);
      }
      v128.store(y + ((<usize>t * <usize>ldy) << 2) + c, silu4(sum));
    }
  }
}

/** The state after `tokens` inputs: the last W - 1 of (stateIn, x). */
export function advanceConvState(
  x: usize,
  ldx: i32,
  stateIn: usize,
  stateOut: usize,
  channels: i32,
  kept: i32,
  tokens: i32,
  first: i32,
  last: i32,
): void {
  const stride = <usize>channels << 2;
  const offset = <usize>first << 2;
  const bytes = <usize>(last - first) << 2;
  for (let w = 0; w < kept; w++) {
    const from = tokens - kept + w;
    const source = from < 0 ? stateIn + <usize>(tokens + w) * stride : x + ((<usize>from * <usize>ldx) << 2);
    memory.copy(stateOut + <usize>w * stride + offset, source + offset, bytes);
  }
}

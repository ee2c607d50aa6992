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
  const yStride = <usize>ldy << 2;
  let c = <usize>first << 2;
  const end = <usize>last << 2;
  for (; c + 32 <= end; c += 32) {
    for (let t = 0; t < tokens; t++) {
      let low = v128.load(bias + c);
      let high = v128.load(bias + c, 16);
      for (let w = 0; w <= kept; w++) {
        const from = t - kept + w;
        const at = from < 0 ? stateIn + <usize>(t + w) * stride + c : x + <usize>from * xStride + c;
        const tap = weight + <usize>w * stride + c;
        low = madd(v128.load(tap), v128.load(at), low);
        high = madd(v128.load(tap, 16), v128.load(at, 16), high);
      }
      const out = y + <usize>t * yStride + c;
      low = silu4(low);
      high = silu4(high);
      v128.store(out, low);
      v128.store(out, high, 16);
    }
  }
  if (c < end) {
    for (let t = 0; t < tokens; t++) {
      let sum = v128.load(bias + c);
      for (let w = 0; w <= kept; w++) {
        const from = t - kept + w;
        const at = from < 0 ? stateIn + <usize>(t + w) * stride + c : x + <usize>from * xStride + c;
        sum = madd(v128.load(weight + <usize>w * stride + c), v128.load(at), sum);
      }
      v128.store(y + <usize>t * yStride + c, silu4(sum));
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

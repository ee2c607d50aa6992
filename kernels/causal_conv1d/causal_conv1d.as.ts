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
    if (kept == 3) {
      fourTaps(x + c, xStride, weight + c, bias + c, stateIn + c, stride, y + c, yStride, tokens);
      continue;
    }
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

/** Eight channels of the usual convolution, its window in registers. */
function fourTaps(
  x: usize,
  xStride: usize,
  weight: usize,
  bias: usize,
  stateIn: usize,
  stride: usize,
  y: usize,
  yStride: usize,
  tokens: i32,
): void {
  const biasLow = v128.load(bias);
  const biasHigh = v128.load(bias, 16);
  let lowA = v128.load(stateIn);
  let highA = v128.load(stateIn, 16);
  let lowB = v128.load(stateIn + stride);
  let highB = v128.load(stateIn + stride, 16);
  let lowC = v128.load(stateIn + 2 * stride);
  let highC = v128.load(stateIn + 2 * stride, 16);
  for (let t = 0; t < tokens; t++) {
    const lowD = v128.load(x);
    const highD = v128.load(x, 16);
    let tap = weight;
    let low = madd(v128.load(tap), lowA, biasLow);
    let high = madd(v128.load(tap, 16), highA, biasHigh);
    tap += stride;
    low = madd(v128.load(tap), lowB, low);
    high = madd(v128.load(tap, 16), highB, high);
    tap += stride;
    low = madd(v128.load(tap), lowC, low);
    high = madd(v128.load(tap, 16), highC, high);
    tap += stride;
    low = silu4(madd(v128.load(tap), lowD, low));
    high = silu4(madd(v128.load(tap, 16), highD, high));
    v128.store(y, low);
    v128.store(y, high, 16);
    lowA = lowB;
    highA = highB;
    lowB = lowC;
    highB = highC;
    lowC = lowD;
    highC = highD;
    x += xStride;
    y += yStride;
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

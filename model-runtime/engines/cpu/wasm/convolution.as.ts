// What follows at once on the rows of in_proj that a thread has just computed: SiLU of z, the convolution of x.
import { advanceConvState, causalConv1d } from '../../../../kernels/causal_conv1d/causal_conv1d.as';
import { causalConv1dUpdate } from '../../../../kernels/causal_conv1d_update/causal_conv1d_update.as';
import { silu4 } from '../../../../kernels/lib/simd.as';
import { Layer, Plan, areSteps, stateAfter, stateBefore } from './plan.as';

/** silu in place of columns [first, last) of `projected`. */
export function gateColumns(plan: Plan, first: i32, last: i32): void {
  const stride = <usize>plan.projectedStride << 2;
  for (let t = 0; t < plan.tokenCount; t++) {
    const row = plan.projected + <usize>t * stride;
    let i = <usize>first << 2;
    const end = <usize>last << 2;
    for (; i + 32 <= end; i += 32) {
      const low = silu4(v128.load(row + i));
      const high = silu4(v128.load(row + i, 16));
      v128.store(row + i, low);
      v128.store(row + i, high, 16);
    }
    if (i < end) v128.store(row + i, silu4(v128.load(row + i)));
  }
}

/** Address of a layer's kept inputs: raw convolution inputs, then convolved ones, then steps, each [keptRows, ...]. */
export function keptInputs(plan: Plan, layerIndex: i32): usize {
  return plan.kept + <usize>layerIndex * plan.keptLayerBytes;
}

/** Channels [first, last) of the convolution; its inputs are columns `column` onwards of `projected`. */
export function convolve(
  plan: Plan,
  layer: Layer,
  layerIndex: i32,
  column: i32,
  first: i32,
  last: i32,
): void {
  const tokens = plan.tokenCount;
  const channels = plan.channels;
  const kept = plan.keptInputs;
  const x = plan.projected + (<usize>column << 2);
  const w = layer.convWeight;
  const bias = layer.convBias;
  const ldx = plan.projectedStride;
  const y = plan.convolved;
  if (areSteps(plan)) {
    for (let t = 0; t < tokens; t++) {
      const input = x + ((<usize>t * <usize>ldx) << 2);
      const from = stateBefore(plan, t) + layer.convStateOffset;
      const to = stateAfter(plan, t) + layer.convStateOffset;
      const output = y + ((<usize>t * <usize>channels) << 2);
      causalConv1dUpdate(input, w, bias, from, to, output, channels, kept, first, last);
    }
    return;
  }
  const stateIn = plan.stateIn + layer.convStateOffset;
  causalConv1d(x, ldx, w, bias, stateIn, y, channels, channels, kept, tokens, first, last);
  if (plan.stateOut) {
    const stateOut = plan.stateOut + layer.convStateOffset;
    advanceConvState(x, ldx, stateIn, stateOut, channels, kept, tokens, first, last);
    return;
  }
  const raw = keptInputs(plan, layerIndex);
  const done = raw + ((<usize>plan.keptRows * <usize>channels) << 2);
  const offset = <usize>first << 2;
  const bytes = <usize>(last - first) << 2;
  for (let t = 0; t < tokens; t++) {
    const to = ((<usize>t * <usize>channels) << 2) + offset;
    memory.copy(raw + to, x + ((<usize>t * <usize>ldx) << 2) + offset, bytes);
    memory.copy(done + to, y + to, bytes);
  }
}

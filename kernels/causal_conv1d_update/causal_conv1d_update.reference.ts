import { silu } from '../lib/activations';
import type { Numbers } from '../lib/arrays';

/** One short filter per channel. `weight` [C, W], its last tap meets the newest input; `bias` [C]. */
export interface CausalConvWeights {
  weight: Numbers;
  bias: Numbers;
}

/**
 * causal_conv1d_update: one decode step of the depthwise causal convolution with SiLU; `state` is advanced in place.
 *   window[c] = (state[c], x[c]);   y[c] = silu(bias[c] + sum_w weight[c,w] window[c,w]);   state[c] = window[c, 1:]
 * `x` [C], `state` [C, W - 1] oldest input first; returns y [C].
 * Source: causal_conv1d causal_conv1d_update_ref, whose state also keeps the input that the next step drops.
 */
export function causalConv1dUpdateReference(
  x: Float64Array,
  { weight, bias }: CausalConvWeights,
  state: Float64Array,
): Float64Array {
  const channels = x.length;
  const taps = weight.length / channels;
  const kept = taps - 1;
  const y = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    let sum = bias[c] + weight[c * taps + kept] * x[c];
    for (let w = 0; w < kept; w++) sum += weight[c * taps + w] * state[c * kept + w];
    y[c] = silu(sum);
    state.copyWithin(c * kept, c * kept + 1, (c + 1) * kept);
    if (kept > 0) state[(c + 1) * kept - 1] = x[c];
  }
  return y;
}

import {
  causalConv1dUpdateReference,
  type CausalConvWeights,
} from '../causal_conv1d_update/causal_conv1d_update.reference';

/**
 * causal_conv1d: the depthwise causal convolution with SiLU over a sequence; `state` holds the inputs before it and is
 * left holding the last ones of it.
 *   y[l,c] = silu(bias[c] + sum_w weight[c,w] x[l - (W - 1) + w, c]),   x[-i, c] = state[c, W - 1 - i]
 * `x` [L, C], `state` [C, W - 1] oldest input first; returns y [L, C].
 * Source: causal_conv1d causal_conv1d_ref with initial_states.
 */
export function causalConv1dReference(
  x: Float64Array,
  weights: CausalConvWeights,
  state: Float64Array,
): Float64Array {
  const channels = weights.bias.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += channels) {
    const token = x.subarray(start, start + channels);
    y.set(causalConv1dUpdateReference(token, weights, state), start);
  }
  return y;
}

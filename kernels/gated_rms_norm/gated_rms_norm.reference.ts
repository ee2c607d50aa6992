import { silu } from '../lib/activations';
import type { Numbers } from '../lib/arrays';

/**
 * gated_rms_norm: gates first, then normalises each of `nGroups` equal groups of channels by itself.
 *   g = y * silu(z);   out[l,d] = g[l,d] / sqrt(mean over d's group(g[l]^2) + epsilon) * weight[d]
 * With `normBeforeGate` the other way round: y is normalised and weighted, then times silu(z).
 * `y` and `z` [L, D], `weight` [D], D a multiple of nGroups; returns out [L, D].
 * Source: mamba_ssm rms_norm_ref with z and norm_before_gate, group_size = D / nGroups.
 */
export function gatedRmsNormReference(
  y: Numbers,
  z: Numbers,
  weight: Numbers,
  nGroups: number,
  epsilon: number,
  normBeforeGate = false,
): Float64Array {
  const width = weight.length;
  const groupWidth = width / nGroups;
  const out = new Float64Array(y.length);
  for (let start = 0; start < y.length; start += groupWidth) {
    let sumOfSquares = 0;
    for (let i = start; i < start + groupWidth; i++) {
      out[i] = normBeforeGate ? y[i] : y[i] * silu(z[i]);
      sumOfSquares += out[i] ** 2;
    }
    const scale = 1 / Math.sqrt(sumOfSquares / groupWidth + epsilon);
    for (let i = start; i < start + groupWidth; i++) {
      out[i] *= scale * weight[i % width] * (normBeforeGate ? silu(z[i]) : 1);
    }
  }
  return out;
}

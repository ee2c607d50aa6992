import type { Numbers } from '../lib/arrays';

/**
 * rms_norm: divides each row by its root mean square and multiplies it by `weight`.
 *   y[l,d] = x[l,d] / sqrt(mean_d(x[l,d]^2) + epsilon) * weight[d]
 * `x` [L, D], `weight` [D]; returns y [L, D]. A row may also be one group of a longer vector.
 * Source: Zhang and Sennrich 2019, equation 4; mamba_ssm rms_norm_ref.
 */
export function rmsNormReference(x: Numbers, weight: Numbers, epsilon: number): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    let sumOfSquares = 0;
    for (let d = 0; d < width; d++) sumOfSquares += x[start + d] ** 2;
    const scale = 1 / Math.sqrt(sumOfSquares / width + epsilon);
    for (let d = 0; d < width; d++) y[start + d] = x[start + d] * scale * weight[d];
  }
  return y;
}

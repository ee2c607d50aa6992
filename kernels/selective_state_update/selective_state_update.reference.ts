import type { Numbers } from '../lib/arrays';

/** One token's inputs of the Mamba-1 recurrence: `x` [D], `dt` [D] after softplus, `B` and `C` [N]. */
export interface SelectiveToken {
  x: Float64Array;
  dt: Float64Array;
  B: Float64Array;
  C: Float64Array;
}

/** `A` [D, N] < 0, `D` [D]. */
export interface SelectiveWeights {
  A: Numbers;
  D: Numbers;
}

/**
 * selective_state_update: one decode step of the Mamba-1 recurrence; `h` [D, N] is advanced in place.
 *   h[d,n] = exp(dt[d] A[d,n]) h[d,n] + dt[d] B[n] x[d];   y[d] = sum_n C[n] h[d,n] + D[d] x[d]
 * Returns y [D]. B is discretised by Euler, as upstream does.
 * Source: Mamba paper 3.2, Algorithm 2; mamba_ssm selective_state_update_ref.
 */
export function selectiveStateUpdateReference(
  { x, dt, B, C }: SelectiveToken,
  { A, D }: SelectiveWeights,
  h: Float64Array,
): Float64Array {
  const dState = B.length;
  const y = new Float64Array(x.length);
  for (let d = 0; d < x.length; d++) {
    let sum = D[d] * x[d];
    for (let n = 0; n < dState; n++) {
      const i = d * dState + n;
      h[i] = Math.exp(dt[d] * A[i]) * h[i] + dt[d] * B[n] * x[d];
      sum += C[n] * h[i];
    }
    y[d] = sum;
  }
  return y;
}

/** One token's inputs of the Mamba-2 recurrence: `x` [H, P], `dt` [H] after softplus, `B` and `C` [G, N]. */
export type SsdToken = SelectiveToken;

/** `A` [H] < 0, `D` [H]: one number a head. */
export interface SsdWeights {
  A: Numbers;
  D: Numbers;
  /** G: consecutive heads share a B and a C. */
  nGroups: number;
}

/**
 * selective_state_update with one decay a head: one decode step of the Mamba-2 recurrence; `h` [H, P, N] is advanced
 * in place. Head k reads group g = floor(k G / H).
 *   h[k,p,n] = exp(dt[k] A[k]) h[k,p,n] + dt[k] x[k,p] B[g,n];   y[k,p] = sum_n C[g,n] h[k,p,n] + D[k] x[k,p]
 * Returns y [H, P].
 * Source: Mamba-2 paper, equation 1 with scalar A; mamba_ssm selective_state_update_ref with tied A.
 */
export function ssdStateUpdateReference(
  { x, dt, B, C }: SsdToken,
  { A, D, nGroups }: SsdWeights,
  h: Float64Array,
): Float64Array {
  const nHeads = dt.length;
  const headDim = x.length / nHeads;
  const dState = B.length / nGroups;
  const y = new Float64Array(x.length);
  for (let k = 0; k < nHeads; k++) {
    const group = Math.floor((k * nGroups) / nHeads) * dState;
    const decay = Math.exp(dt[k] * A[k]);
    for (let p = 0; p < headDim; p++) {
      const channel = k * headDim + p;
      let sum = D[k] * x[channel];
      for (let n = 0; n < dState; n++) {
        const i = channel * dState + n;
        h[i] = decay * h[i] + dt[k] * x[channel] * B[group + n];
        sum += C[group + n] * h[i];
      }
      y[channel] = sum;
    }
  }
  return y;
}

import {
  selectiveStateUpdateReference,
  type SelectiveToken,
  type SelectiveWeights,
} from '../selective_state_update/selective_state_update.reference';

/**
 * selective_scan: the Mamba-1 recurrence over a sequence, token by token from `h` [D, N], which is left at the end.
 * `inputs`: x [L, D], dt [L, D] after softplus, B and C [L, N]; returns y [L, D].
 * Source: Mamba paper, Algorithm 2; mamba_ssm selective_scan_ref.
 */
export function selectiveScanReference(
  inputs: SelectiveToken,
  weights: SelectiveWeights,
  h: Float64Array,
): Float64Array {
  const dInner = weights.D.length;
  const dState = h.length / dInner;
  const seqLen = inputs.x.length / dInner;
  const y = new Float64Array(inputs.x.length);
  for (let l = 0; l < seqLen; l++) {
    const token = {
      x: inputs.x.subarray(l * dInner, (l + 1) * dInner),
      dt: inputs.dt.subarray(l * dInner, (l + 1) * dInner),
      B: inputs.B.subarray(l * dState, (l + 1) * dState),
      C: inputs.C.subarray(l * dState, (l + 1) * dState),
    };
    y.set(selectiveStateUpdateReference(token, weights, h), l * dInner);
  }
  return y;
}

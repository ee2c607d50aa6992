import {
  ssdStateUpdateReference,
  type SsdToken,
  type SsdWeights,
} from '../selective_state_update/selective_state_update.reference';

/**
 * ssd_selective_scan: the Mamba-2 recurrence over a sequence, token by token from `h` [H, P, N], which is left at the
 * end: what the chunked kernels have to equal.
 * `inputs`: x [L, H, P], dt [L, H] after softplus, B and C [L, G, N]; returns y [L, H, P].
 * Source: Mamba-2 paper, equation 1; mamba_ssm ssd_selective_scan.
 */
export function ssdSelectiveScanReference(
  inputs: SsdToken,
  weights: SsdWeights,
  h: Float64Array,
): Float64Array {
  const nHeads = weights.A.length;
  const seqLen = inputs.dt.length / nHeads;
  const width = inputs.x.length / seqLen;
  const groupWidth = inputs.B.length / seqLen;
  const y = new Float64Array(inputs.x.length);
  for (let l = 0; l < seqLen; l++) {
    const token = {
      x: inputs.x.subarray(l * width, (l + 1) * width),
      dt: inputs.dt.subarray(l * nHeads, (l + 1) * nHeads),
      B: inputs.B.subarray(l * groupWidth, (l + 1) * groupWidth),
      C: inputs.C.subarray(l * groupWidth, (l + 1) * groupWidth),
    };
    y.set(ssdStateUpdateReference(token, weights, h), l * width);
  }
  return y;
}

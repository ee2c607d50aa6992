import type { Numbers } from '../lib/arrays';
import {
  chunkCount,
  chunkRange,
  groupOffset,
  type SsdInputs,
  type SsdShape,
} from '../lib/ssdShape';

/**
 * ssd_chunk_scan: every token's output from the state its chunk began with and the chunk's tokens up to it.
 *   y[l,k,p] = exp(cumA[l,k]) sum_n C[l,g,n] initial[c,k,p,n]
 *            + sum over s <= l in chunk c of (C[l,g] . B[s,g]) exp(cumA[l,k] - cumA[s,k]) dt[s,k] x[s,k,p]
 *            + D[k] x[l,k,p]
 * `inputs` as in SsdInputs, `cumA` [L, H], `initial` [chunks, H, P, N] from ssd_state_passing, `D` [H];
 * returns y [L, H, P].
 * Source: Mamba-2 paper, section 6, steps 1 and 4; mamba_ssm chunk_scan_ref.
 */
export function ssdChunkScanReference(
  { x, dt, B, C }: SsdInputs,
  cumA: Float64Array,
  initial: Float64Array,
  D: Numbers,
  shape: SsdShape,
): Float64Array {
  const { seqLen, nHeads, headDim, dState } = shape;
  const y = new Float64Array(seqLen * nHeads * headDim);
  for (let c = 0; c < chunkCount(shape); c++) {
    const [begin, end] = chunkRange(c, shape);
    for (let l = begin; l < end; l++) {
      for (let k = 0; k < nHeads; k++) {
        const lk = l * nHeads + k;
        const cRow = groupOffset(l, k, shape);
        const decayFromStart = Math.exp(cumA[lk]);
        for (let p = 0; p < headDim; p++) {
          const state = ((c * nHeads + k) * headDim + p) * dState;
          let carried = 0;
          for (let n = 0; n < dState; n++) carried += C[cRow + n] * initial[state + n];
          y[lk * headDim + p] = decayFromStart * carried + D[k] * x[lk * headDim + p];
        }
        for (let s = begin; s <= l; s++) {
          const sk = s * nHeads + k;
          const bRow = groupOffset(s, k, shape);
          let attention = 0;
          for (let n = 0; n < dState; n++) attention += C[cRow + n] * B[bRow + n];
          const weight = attention * Math.exp(cumA[lk] - cumA[sk]) * dt[sk];
          for (let p = 0; p < headDim; p++) y[lk * headDim + p] += weight * x[sk * headDim + p];
        }
      }
    }
  }
  return y;
}

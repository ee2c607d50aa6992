import type { Numbers } from '../lib/arrays';
import {
  chunkCount,
  chunkRange,
  groupOffset,
  type SsdInputs,
  type SsdShape,
} from '../lib/ssdShape';

/**
 * Running sums of the log-decay inside each chunk; the sum restarts at every chunk.
 *   cumA[l,k] = sum over tokens s of l's chunk with s <= l of dt[s,k] A[k]
 * `dt` [L, H] after softplus, `A` [H] < 0; returns cumA [L, H].
 * Source: mamba_ssm ssd_chunk_state, _chunk_cumsum_fwd.
 */
export function chunkCumsumReference(dt: Numbers, A: Numbers, shape: SsdShape): Float64Array {
  const { seqLen, nHeads, chunkSize } = shape;
  const cumA = new Float64Array(seqLen * nHeads);
  for (let l = 0; l < seqLen; l++) {
    for (let k = 0; k < nHeads; k++) {
      const before = l % chunkSize === 0 ? 0 : cumA[(l - 1) * nHeads + k];
      cumA[l * nHeads + k] = before + dt[l * nHeads + k] * A[k];
    }
  }
  return cumA;
}

/**
 * ssd_chunk_state: the state each chunk would end in if it started from zero.
 *   states[c,k,p,n] = sum over l in chunk c of exp(cumA[end of c, k] - cumA[l,k]) dt[l,k] x[l,k,p] B[l,g,n]
 * `inputs` as in SsdInputs, `cumA` [L, H]; returns states [chunks, H, P, N].
 * Source: Mamba-2 paper, section 6, step 2; mamba_ssm chunk_state_ref.
 */
export function ssdChunkStateReference(
  { x, dt, B }: SsdInputs,
  cumA: Float64Array,
  shape: SsdShape,
): Float64Array {
  const { nHeads, headDim, dState } = shape;
  const states = new Float64Array(chunkCount(shape) * nHeads * headDim * dState);
  for (let c = 0; c < chunkCount(shape); c++) {
    const [begin, end] = chunkRange(c, shape);
    for (let l = begin; l < end; l++) {
      for (let k = 0; k < nHeads; k++) {
        const decayToEnd = Math.exp(cumA[(end - 1) * nHeads + k] - cumA[l * nHeads + k]);
        const bRow = groupOffset(l, k, shape);
        for (let p = 0; p < headDim; p++) {
          const input = decayToEnd * dt[l * nHeads + k] * x[(l * nHeads + k) * headDim + p];
          const row = ((c * nHeads + k) * headDim + p) * dState;
          for (let n = 0; n < dState; n++) states[row + n] += input * B[bRow + n];
        }
      }
    }
  }
  return states;
}

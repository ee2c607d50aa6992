import { chunkCount, chunkRange, type SsdShape } from '../lib/ssdShape';

/**
 * ssd_state_passing: carries the state from chunk to chunk; `h` [H, P, N] is the state before the first chunk and is
 * left as the one after the last.
 *   initial[c] = h;   h[k] = exp(cumA[end of c, k]) h[k] + states[c,k]
 * `states` [chunks, H, P, N] from ssd_chunk_state, `cumA` [L, H]; returns initial [chunks, H, P, N].
 * Source: Mamba-2 paper, section 6, step 3; mamba_ssm state_passing_ref.
 */
export function ssdStatePassingReference(
  states: Float64Array,
  cumA: Float64Array,
  shape: SsdShape,
  h: Float64Array,
): Float64Array {
  const { nHeads, headDim, dState } = shape;
  const headSize = headDim * dState;
  const initial = new Float64Array(states.length);
  for (let c = 0; c < chunkCount(shape); c++) {
    const [, end] = chunkRange(c, shape);
    initial.set(h, c * h.length);
    for (let k = 0; k < nHeads; k++) {
      const chunkDecay = Math.exp(cumA[(end - 1) * nHeads + k]);
      for (let i = k * headSize; i < (k + 1) * headSize; i++) {
        h[i] = chunkDecay * h[i] + states[c * h.length + i];
      }
    }
  }
  return initial;
}

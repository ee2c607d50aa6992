import { describe, expect, test } from 'vitest';
import type { SsdInputs, SsdShape } from '../../kernels/lib/ssdShape';
import { selectiveStateUpdateReference } from '../../kernels/selective_state_update/selective_state_update.reference';
import { ssdChunkScanReference } from '../../kernels/ssd_chunk_scan/ssd_chunk_scan.reference';
import {
  chunkCumsumReference,
  ssdChunkStateReference,
} from '../../kernels/ssd_chunk_state/ssd_chunk_state.reference';
import { ssdSelectiveScanReference } from '../../kernels/ssd_selective_scan/ssd_selective_scan.reference';
import { ssdStatePassingReference } from '../../kernels/ssd_state_passing/ssd_state_passing.reference';
import { relativeL2 } from '../support/compare';
import { createRandom, uniform } from '../support/random';

function randomCase(shape: SsdShape) {
  const { seqLen, nHeads, headDim, nGroups, dState } = shape;
  const random = createRandom(seqLen * 7 + nHeads);
  return {
    inputs: {
      x: uniform(random, seqLen * nHeads * headDim, -1, 1),
      dt: uniform(random, seqLen * nHeads, 0.001, 0.3),
      B: uniform(random, seqLen * nGroups * dState, -1, 1),
      C: uniform(random, seqLen * nGroups * dState, -1, 1),
    },
    A: uniform(random, nHeads, -8, -0.2),
    D: uniform(random, nHeads, -1, 1),
    initial: uniform(random, nHeads * headDim * dState, -1, 1),
  };
}

/** The recurrence written as Mamba-1's: every channel of a head has the head's step and decay. */
function asMamba1(
  inputs: SsdInputs,
  A: Float64Array,
  D: Float64Array,
  shape: SsdShape,
  h: Float64Array,
) {
  const { seqLen, nHeads, headDim, nGroups, dState } = shape;
  const y = new Float64Array(inputs.x.length);
  for (let l = 0; l < seqLen; l++) {
    for (let k = 0; k < nHeads; k++) {
      const group = l * nGroups + Math.floor(k / (nHeads / nGroups));
      const at = (l * nHeads + k) * headDim;
      const row = (values: SsdInputs['x']) =>
        Float64Array.from(values.slice(group * dState, (group + 1) * dState));
      const token = {
        x: Float64Array.from(inputs.x.slice(at, at + headDim)),
        dt: new Float64Array(headDim).fill(inputs.dt[l * nHeads + k]),
        B: row(inputs.B),
        C: row(inputs.C),
      };
      const weights = {
        A: new Float64Array(headDim * dState).fill(A[k]),
        D: new Float64Array(headDim).fill(D[k]),
      };
      const state = h.subarray(k * headDim * dState, (k + 1) * headDim * dState);
      y.set(selectiveStateUpdateReference(token, weights, state), at);
    }
  }
  return y;
}

describe.each<[string, SsdShape]>([
  ['one token', { seqLen: 1, nHeads: 1, headDim: 1, nGroups: 1, dState: 1, chunkSize: 4 }],
  ['one full chunk', { seqLen: 16, nHeads: 2, headDim: 3, nGroups: 1, dState: 5, chunkSize: 16 }],
  [
    'a chunk and one token',
    { seqLen: 17, nHeads: 4, headDim: 2, nGroups: 2, dState: 3, chunkSize: 16 },
  ],
  [
    'a short last chunk',
    { seqLen: 63, nHeads: 6, headDim: 4, nGroups: 3, dState: 8, chunkSize: 16 },
  ],
  [
    'chunks of one token',
    { seqLen: 5, nHeads: 2, headDim: 2, nGroups: 2, dState: 4, chunkSize: 1 },
  ],
])('%s, from a state that is not zero', (_name, shape) => {
  const { inputs, A, D, initial } = randomCase(shape);

  test('the Mamba-2 recurrence equals the Mamba-1 recurrence with tied decays', () => {
    const [h, expectedState] = [initial.slice(), initial.slice()];
    const y = ssdSelectiveScanReference(inputs, { A, D, nGroups: shape.nGroups }, h);
    expect(relativeL2(y, asMamba1(inputs, A, D, shape, expectedState))).toBeLessThan(1e-13);
    expect(relativeL2(h, expectedState)).toBeLessThan(1e-13);
  });

  test('the chunked form equals the recurrence', () => {
    const expectedState = initial.slice();
    const expected = ssdSelectiveScanReference(
      inputs,
      { A, D, nGroups: shape.nGroups },
      expectedState,
    );

    const h = initial.slice();
    const cumA = chunkCumsumReference(inputs.dt, A, shape);
    const states = ssdChunkStateReference(inputs, cumA, shape);
    const before = ssdStatePassingReference(states, cumA, shape, h);
    const y = ssdChunkScanReference(inputs, cumA, before, D, shape);
    expect(relativeL2(y, expected)).toBeLessThan(1e-13);
    expect(relativeL2(h, expectedState)).toBeLessThan(1e-13);
    expect(before.slice(0, initial.length)).toEqual(initial);
  });
});

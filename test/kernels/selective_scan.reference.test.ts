import { expect, test } from 'vitest';
import { selectiveScanReference } from '../../kernels/selective_scan/selective_scan.reference';
import { selectiveStateUpdateReference } from '../../kernels/selective_state_update/selective_state_update.reference';
import { relativeL2 } from '../support/compare';
import { createRandom, uniform } from '../support/random';

test('selective_state_update computes its equation on numbers worked out by hand', () => {
  // One channel, two states, exp(dt A) = 1/2 and 1/4.
  const h = Float64Array.of(8, 4);
  const y = selectiveStateUpdateReference(
    {
      x: Float64Array.of(3),
      dt: Float64Array.of(2),
      B: Float64Array.of(1, -1),
      C: Float64Array.of(1, 10),
    },
    { A: Float64Array.of(-Math.LN2 / 2, -Math.LN2), D: Float64Array.of(100) },
    h,
  );
  expect(h[0]).toBeCloseTo(4 + 6, 12);
  expect(h[1]).toBeCloseTo(1 - 6, 12);
  expect(y[0]).toBeCloseTo(10 - 50 + 300, 12);
});

/** Without a recurrence: every state is the decayed sum of all inputs before it. */
test.each([
  [1, 1, 1],
  [3, 4, 2],
  [5, 16, 63],
])(
  'selective_scan equals the sum over all earlier tokens: D %i, N %i, L %i',
  (dInner, dState, seqLen) => {
    const random = createRandom(seqLen);
    const x = uniform(random, seqLen * dInner, -1, 1);
    const dt = uniform(random, seqLen * dInner, 0.001, 0.3);
    const B = uniform(random, seqLen * dState, -1, 1);
    const C = uniform(random, seqLen * dState, -1, 1);
    const A = uniform(random, dInner * dState, -16, -0.5);
    const D = uniform(random, dInner, -1, 1);
    const initial = uniform(random, dInner * dState, -1, 1);

    const expected = new Float64Array(x.length);
    const last = new Float64Array(initial.length);
    for (let d = 0; d < dInner; d++) {
      for (let l = 0; l < seqLen; l++) {
        let y = D[d] * x[l * dInner + d];
        for (let n = 0; n < dState; n++) {
          let elapsed = 0;
          let h = 0;
          for (let s = l; s >= 0; s--) {
            const input = dt[s * dInner + d] * B[s * dState + n] * x[s * dInner + d];
            h += Math.exp(A[d * dState + n] * elapsed) * input;
            elapsed += dt[s * dInner + d];
          }
          h += Math.exp(A[d * dState + n] * elapsed) * initial[d * dState + n];
          y += C[l * dState + n] * h;
          if (l === seqLen - 1) last[d * dState + n] = h;
        }
        expected[l * dInner + d] = y;
      }
    }
    const h = initial.slice();
    const y = selectiveScanReference({ x, dt, B, C }, { A, D }, h);
    expect(relativeL2(y, expected)).toBeLessThan(1e-13);
    expect(relativeL2(h, last)).toBeLessThan(1e-13);
  },
);

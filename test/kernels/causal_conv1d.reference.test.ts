import { expect, test } from 'vitest';
import { causalConv1dReference } from '../../kernels/causal_conv1d/causal_conv1d.reference';
import { causalConv1dUpdateReference } from '../../kernels/causal_conv1d_update/causal_conv1d_update.reference';
import { silu } from '../../kernels/lib/activations';
import { relativeL2 } from '../support/compare';
import { createRandom, uniform } from '../support/random';

function inputs(channels: number, taps: number, seqLen: number) {
  const random = createRandom(channels * 1000 + seqLen);
  return {
    x: uniform(random, seqLen * channels, -2, 2),
    weights: {
      weight: uniform(random, channels * taps, -1, 1),
      bias: uniform(random, channels, -1, 1),
    },
    state: uniform(random, channels * (taps - 1), -2, 2),
  };
}

test.each([
  [1, 4, 1],
  [3, 4, 2],
  [5, 4, 63],
  [4, 3, 10],
  [2, 2, 7],
])(
  'equals a convolution of the whole signal: %i channels, %i taps, %i tokens',
  (channels, taps, seqLen) => {
    const { x, weights, state } = inputs(channels, taps, seqLen);
    const kept = taps - 1;
    const expected = new Float64Array(x.length);
    const lastInputs = new Float64Array(state.length);
    for (let c = 0; c < channels; c++) {
      const signal = [...state.subarray(c * kept, (c + 1) * kept)];
      for (let l = 0; l < seqLen; l++) signal.push(x[l * channels + c]);
      for (let l = 0; l < seqLen; l++) {
        const taken = signal.slice(l, l + taps).map((v, w) => v * weights.weight[c * taps + w]);
        expected[l * channels + c] = silu(taken.reduce((a, b) => a + b, weights.bias[c]));
      }
      lastInputs.set(signal.slice(-kept), c * kept);
    }
    expect(relativeL2(causalConv1dReference(x, weights, state), expected)).toBeLessThan(1e-14);
    expect(state).toEqual(lastInputs);
  },
);

test('a sequence in two parts, or token by token, gives the same as at once', () => {
  const { x, weights, state } = inputs(6, 4, 11);
  const whole = { state: state.slice() };
  const y = causalConv1dReference(x, weights, whole.state);

  const parts = state.slice();
  const first = causalConv1dReference(x.slice(0, 2 * 6), weights, parts);
  const second = causalConv1dReference(x.slice(2 * 6), weights, parts);
  expect([...first, ...second]).toEqual([...y]);
  expect(parts).toEqual(whole.state);

  const steps = state.slice();
  for (let l = 0; l < 11; l++) {
    const step = causalConv1dUpdateReference(x.slice(l * 6, (l + 1) * 6), weights, steps);
    expect(step).toEqual(y.slice(l * 6, (l + 1) * 6));
  }
  expect(steps).toEqual(whole.state);
});

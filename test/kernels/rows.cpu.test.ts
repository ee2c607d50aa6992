import { describe, expect, it } from 'vitest';
import { causalConv1dReference } from '../../kernels/causal_conv1d/causal_conv1d.reference';
import { gatedRmsNormReference } from '../../kernels/gated_rms_norm/gated_rms_norm.reference';
import { silu } from '../../kernels/lib/activations';
import { rmsNormReference } from '../../kernels/rms_norm/rms_norm.reference';
import { relativeL2 } from '../support/compare';
import { BUILDS, CpuKernels } from '../support/cpuKernels';
import { createRandom, uniform } from '../support/random';
import { LIMITS } from './limits';

function random(length: number, low: number, high: number, seed: number): Float64Array {
  return uniform(createRandom(seed), length, low, high).map(Math.fround);
}

/** `[rows, cols]` to `[cols, rows]`. */
function transposed(values: ArrayLike<number>, cols: number): Float64Array {
  const rows = values.length / cols;
  return Float64Array.from(values, (_, i) => values[(i % rows) * cols + Math.floor(i / rows)]);
}

describe.each(BUILDS)('the row-wise kernels, %s build', (name) => {
  it.each([4, 20, 32, 36, 100, 640, 1000])('rms_norm of %i numbers', (width) => {
    const cpu = new CpuKernels(name);
    const x = random(width, -3, 3, width);
    const weight = random(width, 0.5, 1.5, 2);
    const y = cpu.space(width * 4);
    cpu.call('rmsNorm', cpu.floats(x), cpu.floats(weight), width, 1e-5, y);
    const expected = rmsNormReference(x, weight, 1e-5);
    expect(relativeL2(cpu.readFloats(y, width), expected)).toBeLessThan(LIMITS.rms_norm);
  });

  it.each([
    [16, 1],
    [64, 2],
    [1280, 1],
    [96, 3],
  ])('gated_rms_norm of %i numbers in %i groups', (width, groups) => {
    const cpu = new CpuKernels(name);
    const y = random(width, -3, 3, width);
    const z = random(width, -4, 4, 3);
    const weight = random(width, 0.5, 1.5, 2);
    const gated = cpu.floats(y.map((v, i) => v * silu(z[i])));
    const out = cpu.space(width * 4);
    cpu.call('gatedRmsNorm', gated, cpu.floats(weight), width, groups, 1e-5, out);
    const expected = gatedRmsNormReference(y, z, weight, groups, 1e-5);
    expect(relativeL2(cpu.readFloats(out, width), expected)).toBeLessThan(LIMITS.gated_rms_norm);
  });

  it.each([
    [4, 4, 1],
    [100, 4, 1],
    [64, 2, 1],
    [64, 1, 1],
    [64, 4, 2],
    [100, 4, 3],
    [64, 2, 5],
    [64, 1, 3],
    [1536, 4, 64],
  ])('causal_conv1d of %i channels with %i taps, %i tokens', (channels, taps, tokens) => {
    const cpu = new CpuKernels(name);
    const kept = taps - 1;
    const x = random(tokens * channels, -2, 2, 1);
    const weight = random(channels * taps, -0.6, 0.6, 2);
    const bias = random(channels, -0.6, 0.6, 3);
    const initial = random(channels * kept, -2, 2, 4);
    const state = Float64Array.from(initial);
    const expected = causalConv1dReference(x, { weight, bias }, state);

    const at = {
      x: cpu.floats(x),
      weight: cpu.floats(transposed(weight, taps)),
      bias: cpu.floats(bias),
      from: cpu.floats(kept > 0 ? transposed(initial, kept) : initial),
      to: cpu.space(Math.max(1, state.length) * 4),
      y: cpu.space(expected.length * 4),
    };
    // In two shares of the channels, as two threads do it; a single step also works in place.
    for (const [first, last] of [
      [0, (channels >> 3) << 2],
      [(channels >> 3) << 2, channels],
    ]) {
      if (tokens === 1) {
        const rows = [at.x, at.weight, at.bias, at.from, at.from, at.y];
        cpu.call('causalConv1dUpdate', ...rows, channels, kept, first, last);
      } else {
        const rows = [at.x, channels, at.weight, at.bias, at.from, at.y, channels, channels, kept];
        cpu.call('causalConv1d', ...rows, tokens, first, last);
        const moved = [at.x, channels, at.from, at.to, channels, kept, tokens, first, last];
        cpu.call('advanceConvState', ...moved);
      }
    }
    const limit = tokens === 1 ? LIMITS.causal_conv1d_update : LIMITS.causal_conv1d;
    expect(relativeL2(cpu.readFloats(at.y, expected.length), expected)).toBeLessThan(limit);
    if (kept === 0) return;
    const after = cpu.readFloats(tokens === 1 ? at.from : at.to, state.length);
    expect(Array.from(transposed(after, channels))).toEqual(Array.from(state));
  });
});

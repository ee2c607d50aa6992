import { describe, expect, it } from 'vitest';
import { silu } from '../../kernels/lib/activations';
import { selectiveScanReference } from '../../kernels/selective_scan/selective_scan.reference';
import { selectiveStateUpdateReference } from '../../kernels/selective_state_update/selective_state_update.reference';
import { ssdSelectiveScanReference } from '../../kernels/ssd_selective_scan/ssd_selective_scan.reference';
import { relativeL2 } from '../support/compare';
import { BUILDS, CpuKernels } from '../support/cpuKernels';
import { createRandom, uniform } from '../support/random';
import { LIMITS } from './limits';

/** In f32, as the kernels get them. */
function random(length: number, low: number, high: number, seed: number): Float64Array {
  return uniform(createRandom(seed), length, low, high).map(Math.fround);
}

/** `[D, N]` to `[D / 4, N, 4]`, or back. */
function inFours(values: ArrayLike<number>, dState: number, isBack = false): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const four = Math.floor(i / (4 * dState));
    const to = (four * 4 + (i % 4)) * dState + (Math.floor(i / 4) % dState);
    if (isBack) out[to] = values[i];
    else out[i] = values[to];
  }
  return out;
}

/** One head `[P, N]` to `[P / S, N, S]`, or back. */
function inStrips(values: ArrayLike<number>, headDim: number, isBack = false): Float64Array {
  const width = headDim % 16 === 0 ? 16 : 4;
  const dState = values.length / headDim;
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const p = Math.floor(i / dState);
    const to = (Math.floor(p / width) * dState + (i % dState)) * width + (p % width);
    if (isBack) out[i] = values[to];
    else out[to] = values[i];
  }
  return out;
}

describe.each(BUILDS)('the recurrences, %s build', (name) => {
  it.each([
    [4, 4, 1],
    [64, 8, 1],
    [100, 16, 3],
    [1000, 16, 20],
  ])('selective_scan of %i channels, %i states, %i tokens', (dInner, dState, tokens) => {
    const cpu = new CpuKernels(name);
    const x = random(tokens * dInner, -1, 1, 1);
    const dt = random(tokens * dInner, 0.001, 0.3, 2);
    const B = random(tokens * dState, -1, 1, 3);
    const C = random(tokens * dState, -1, 1, 4);
    const A = random(dInner * dState, -16, -0.1, 5);
    const D = random(dInner, -1, 1, 6);
    const z = random(tokens * dInner, -3, 3, 7);
    const gate = z.map((v) => Math.fround(silu(v)));
    const initial = random(dInner * dState, -1, 1, 8);

    const h = Float64Array.from(initial);
    const ungated =
      tokens === 1
        ? selectiveStateUpdateReference({ x, dt, B, C }, { A, D }, h)
        : selectiveScanReference({ x, dt, B, C }, { A, D }, h);
    const expected = ungated.map((v, i) => v * gate[i]);

    const at = {
      x: cpu.floats(x),
      dt: cpu.floats(dt),
      A: cpu.floats(inFours(A, dState)),
      B: cpu.floats(B),
      C: cpu.floats(C),
      D: cpu.floats(D),
      gate: cpu.floats(gate),
      from: cpu.floats(inFours(initial, dState)),
      to: cpu.space(dInner * dState * 4),
      y: cpu.space(tokens * dInner * 4),
    };
    if (tokens === 1) {
      const rows = [at.x, at.dt, at.A, at.B, at.C, at.D, at.gate, at.from, at.to, at.y];
      cpu.call('selectiveStateUpdate', ...rows, dState, 0, dInner);
    } else {
      const inputs = [at.x, dInner, at.dt, dInner, at.A, at.B, at.C, dState, at.D, at.gate, dInner];
      cpu.call('selectiveScan', ...inputs, at.from, at.to, at.y, dInner, tokens, dState, 0, dInner);
    }
    const limit = tokens === 1 ? LIMITS.selective_state_update : LIMITS.selective_scan;
    expect(relativeL2(cpu.readFloats(at.y, expected.length), expected)).toBeLessThan(limit);
    const state = inFours(cpu.readFloats(at.to, h.length), dState, true);
    expect(relativeL2(state, h)).toBeLessThan(limit);
  });

  const heads = [
    [4, 4, 1],
    [16, 8, 1],
    [12, 8, 3],
    [64, 128, 1],
    [64, 128, 2],
    [16, 8, 7],
    [64, 128, 63],
    [48, 16, 64],
  ];

  /** One head, as ssdSelectiveScanReference sees it; some decays vanish within a chunk, as they do in models. */
  function headCase(headDim: number, dState: number, tokens: number) {
    const A = -random(1, 0.2, tokens % 2 ? 30 : 2, 5)[0];
    const inputs = {
      x: random(tokens * headDim, -1, 1, 1),
      dt: random(tokens, 0.001, 0.5, 2),
      B: random(tokens * dState, -1, 1, 3),
      C: random(tokens * dState, -1, 1, 4),
    };
    const D = random(1, -1, 1, 6)[0];
    const gate = random(tokens * headDim, -1, 1, 7);
    const initial = random(headDim * dState, -1, 1, 8);
    const h = Float64Array.from(initial);
    const weights = { A: Float64Array.of(A), D: Float64Array.of(D), nGroups: 1 };
    const y = ssdSelectiveScanReference(inputs, weights, h);
    return { A, D, inputs, gate, initial, h, expected: y.map((v, i) => v * gate[i]) };
  }

  it.each(heads.filter(([, , tokens]) => tokens === 1))(
    'ssd_state_update of one head of %i by %i',
    (headDim, dState) => {
      const cpu = new CpuKernels(name);
      const { A, D, inputs, gate, initial, h, expected } = headCase(headDim, dState, 1);
      const state = cpu.floats(inStrips(initial, headDim));
      const y = cpu.space(headDim * 4);
      const [x, B, C] = [inputs.x, inputs.B, inputs.C].map((v) => cpu.floats(v));
      const decay = Math.exp(inputs.dt[0] * A);
      const g = cpu.floats(gate);
      cpu.call(
        'ssdStateUpdate',
        x,
        inputs.dt[0],
        decay,
        B,
        C,
        D,
        g,
        state,
        state,
        y,
        headDim,
        dState,
      );
      expect(relativeL2(cpu.readFloats(y, headDim), expected)).toBeLessThan(
        LIMITS.ssd_state_update,
      );
      const after = inStrips(cpu.readFloats(state, h.length), headDim, true);
      expect(relativeL2(after, h)).toBeLessThan(LIMITS.ssd_state_update);
    },
  );

  it.each(heads)('a chunk of one head of %i by %i, %i tokens', (headDim, dState, tokens) => {
    const cpu = new CpuKernels(name);
    const { A, D, inputs, gate, initial, h, expected } = headCase(headDim, dState, tokens);
    const ldw = 64;
    const padded = (tokens + 3) & ~3;
    const cumA = new Float64Array(padded);
    for (let t = 0, sum = 0; t < padded; t++) cumA[t] = sum += t < tokens ? inputs.dt[t] * A : 0;
    const dt = cpu.floats(Float64Array.from({ length: padded }, (_, t) => inputs.dt[t] ?? 0));
    const cum = cpu.floats(cumA);
    const decay = cpu.floats(cumA.map(Math.exp));
    const [x, B, C, g] = [inputs.x, inputs.B, inputs.C, gate].map((v) => cpu.floats(v));
    const h0 = cpu.floats(inStrips(initial, headDim));
    const h1 = cpu.space(h.length * 4);
    const y = cpu.space(tokens * headDim * 4);
    const scores = cpu.space(ldw * ldw * 4);
    const weights = cpu.space(ldw * ldw * 4);
    for (let l = 0; l < tokens; l++) {
      cpu.call(
        'chunkScores',
        C + l * dState * 4,
        B,
        dState,
        dState,
        l,
        tokens,
        scores + l * ldw * 4,
      );
    }
    cpu.call('chunkWeights', scores, dt, cum, tokens, ldw, weights);
    const rows = [x, headDim, C, dState, weights, ldw, decay, D, g, headDim, h0, y, headDim];
    cpu.call('ssdChunkScan', ...rows, tokens, headDim, dState);
    const scratch = cpu.space(tokens * headDim * 4);
    const chunk = [x, headDim, B, dState, dt, cum, h0, h1, tokens, headDim, dState, scratch];
    cpu.call('ssdChunkState', ...chunk);

    const outputs = cpu.readFloats(y, tokens * headDim);
    expect(relativeL2(outputs, expected)).toBeLessThan(LIMITS.ssd_chunk_scan);
    const state = inStrips(cpu.readFloats(h1, h.length), headDim, true);
    expect(relativeL2(state, h)).toBeLessThan(LIMITS.ssd_chunk_state);
  });
});

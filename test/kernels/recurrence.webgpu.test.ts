import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { causalConv1d, keepInputs } from '../../kernels/causal_conv1d/causal_conv1d';
import { causalConv1dReference } from '../../kernels/causal_conv1d/causal_conv1d.reference';
import { gatedRmsNorm } from '../../kernels/gated_rms_norm/gated_rms_norm';
import { gatedRmsNormReference } from '../../kernels/gated_rms_norm/gated_rms_norm.reference';
import { silu, softplus } from '../../kernels/lib/activations';
import { SSD_CHUNK } from '../../kernels/lib/pass';
import type { SsdShape } from '../../kernels/lib/ssdShape';
import { rmsNorm } from '../../kernels/rms_norm/rms_norm';
import { rmsNormReference } from '../../kernels/rms_norm/rms_norm.reference';
import { selectiveScan } from '../../kernels/selective_scan/selective_scan';
import { selectiveScanReference } from '../../kernels/selective_scan/selective_scan.reference';
import { selectiveStateUpdate } from '../../kernels/selective_state_update/selective_state_update';
import { ssdStateUpdate } from '../../kernels/selective_state_update/ssd_state_update';
import { ssdChunkProducts } from '../../kernels/ssd_chunk_scan/ssd_chunk_products';
import { ssdChunkScan } from '../../kernels/ssd_chunk_scan/ssd_chunk_scan';
import { ssdChunkCumsum } from '../../kernels/ssd_chunk_state/ssd_chunk_cumsum';
import { ssdChunkState } from '../../kernels/ssd_chunk_state/ssd_chunk_state';
import {
  chunkCumsumReference,
  ssdChunkStateReference,
} from '../../kernels/ssd_chunk_state/ssd_chunk_state.reference';
import { ssdSelectiveScan } from '../../kernels/ssd_selective_scan/ssd_selective_scan';
import { ssdSelectiveScanReference } from '../../kernels/ssd_selective_scan/ssd_selective_scan.reference';
import { ssdStatePassing } from '../../kernels/ssd_state_passing/ssd_state_passing';
import { ssdStatePassingReference } from '../../kernels/ssd_state_passing/ssd_state_passing.reference';
import { relativeL2 } from '../support/compare';
import { f32, GpuKernels, turned } from '../support/gpuKernels';
import { GPU_LIMITS } from './limits';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let kernels: GpuKernels;
beforeAll(async () => {
  kernels = await GpuKernels.open();
});
afterAll(() => {
  kernels.gpu.dispose();
});

const EPSILON = 1e-5;

// A row has 128 threads.
it.each([
  [1, 1],
  [2, 127],
  [3, 129],
  [63, 100],
  [2, 1000],
])('rms_norm and gated_rms_norm of %i rows of %i', async (rows, half) => {
  const width = 2 * half;
  const [x, z] = [f32(rows * width, -2, 2, 1), f32(rows * (width + 3), -4, 4, 2)];
  const weight = f32(width, 0.5, 1.5, 3);
  const y = kernels.space(rows * width);
  const gated = kernels.floats(x);
  const shape = { width, groups: 2, zStride: width + 3, epsilon: EPSILON };
  await kernels.dispatch(
    [
      [rmsNorm(width, EPSILON), [kernels.floats(x), kernels.floats(weight), y]],
      [gatedRmsNorm(shape), [gated, kernels.floats(z), kernels.floats(weight)]],
    ],
    rows,
  );
  const expected = rmsNormReference(x, weight, EPSILON);
  expect(relativeL2(await kernels.read(y, x.length), expected)).toBeLessThan(GPU_LIMITS.norm);
  const gates = x.map((_, i) => z[Math.floor(i / width) * (width + 3) + (i % width)]);
  const expectedGated = gatedRmsNormReference(x, gates, weight, 2, EPSILON);
  expect(relativeL2(await kernels.read(gated, x.length), expectedGated)).toBeLessThan(
    GPU_LIMITS.norm,
  );
});

// A workgroup has 64 channels.
it.each([
  [1, 1, 4],
  [2, 63, 4],
  [5, 65, 2],
  [100, 100, 4],
  [3, 1000, 3],
])('causal_conv1d of %i tokens, %i channels, %i taps', async (seqLen, channels, width) => {
  const [xFrom, xStride, convAt] = [2, channels + 5, 4];
  const x = f32(seqLen * xStride, -1, 1, 4);
  const weight = f32(channels * width, -1, 1, 5);
  const bias = f32(channels, -1, 1, 6);
  const kept = f32(channels * (width - 1), -1, 1, 7);
  const state = kernels.floats([0, 0, 0, 0, ...turned(kept, channels, width - 1)]);
  const filters = kernels.floats([...turned(weight, channels, width), ...bias]);
  const y = kernels.space(seqLen * channels);
  const shape = { channels, width, xFrom, xStride, kept: { at: convAt, stride: 0 } };
  const buffers = [kernels.floats(x), filters, y, kernels.run(seqLen)];
  await kernels.dispatch(
    [
      [causalConv1d(shape), buffers],
      [keepInputs(shape), buffers],
    ],
    seqLen,
    state,
  );
  const columns = Float64Array.from(
    { length: seqLen * channels },
    (_, i) => x[Math.floor(i / channels) * xStride + xFrom + (i % channels)],
  );
  const expected = causalConv1dReference(columns, { weight, bias }, kept);
  expect(relativeL2(await kernels.read(y, expected.length), expected)).toBeLessThan(
    GPU_LIMITS.causal_conv1d,
  );
  const moved = await kernels.read(state, convAt + kept.length);
  expect(relativeL2(moved.subarray(convAt), turned(kept, channels, width - 1))).toBeLessThan(1e-7);
});

// A workgroup has 16 channels and 8 tokens between barriers; 64 channels in decode.
it.each([
  [1, 15, 16, 5],
  [7, 17, 8, 1],
  [9, 63, 4, 3],
  [100, 100, 16, 2],
  [1, 1000, 16, 40],
])(
  'selective_scan and selective_state_update of %i tokens, %i channels, %i states',
  async (seqLen, dInner, dState, dtRank) => {
    const width = dtRank + 2 * dState;
    const [x, z] = [f32(seqLen * dInner, -1, 1, 8), f32(seqLen * dInner, -3, 3, 9)];
    const low = f32(seqLen * width, -1, 1, 10);
    const dtWeight = f32(dtRank * dInner, -0.3, 0.3, 11);
    const [bias, D] = [f32(dInner, -5, -1, 12), f32(dInner, -1, 1, 13)];
    const A = f32(dInner * dState, -8, -0.1, 14);
    const initial = f32(dInner * dState, -1, 1, 15);
    const raw = Float64Array.from({ length: seqLen * dInner }, (_, i) => {
      const [l, d] = [Math.floor(i / dInner), i % dInner];
      let sum = 0;
      for (let r = 0; r < dtRank; r++) sum += dtWeight[r * dInner + d] * low[l * width + r];
      return Math.fround(sum);
    });
    const rows = (from: number) =>
      Float64Array.from(
        { length: seqLen * dState },
        (_, i) => low[Math.floor(i / dState) * width + from + (i % dState)],
      );
    const h = Float64Array.from(initial);
    const dt = raw.map((value, i) => softplus(value + bias[i % dInner]));
    const expected = selectiveScanReference(
      { x, dt, B: rows(dtRank), C: rows(dtRank + dState) },
      { A, D },
      h,
    ).map((y, i) => y * silu(z[i]));

    const ssmAt = 4;
    const place = { at: ssmAt, stride: 0 };
    const stateOf = () => kernels.floats([1, 2, 3, 4, ...turned(initial, dInner, dState)]);
    const channel = kernels.floats([...bias].flatMap((value, d) => [value, D[d]]));
    const turnedA = kernels.floats(turned(A, dInner, dState));
    const projected = kernels.floats(
      Array.from({ length: seqLen }, (_, l) => [
        ...x.subarray(l * dInner, (l + 1) * dInner),
        ...z.subarray(l * dInner, (l + 1) * dInner),
      ]).flat(),
    );
    const shape = { dInner, dState, dtRank };
    const check = async (y: GPUBuffer, state: GPUBuffer) => {
      expect(relativeL2(await kernels.read(y, expected.length), expected)).toBeLessThan(
        GPU_LIMITS.selective_scan,
      );
      const moved = await kernels.read(state, ssmAt + h.length);
      expect(relativeL2(moved.subarray(ssmAt), turned(h, dInner, dState))).toBeLessThan(
        GPU_LIMITS.selective_scan,
      );
      expect([...moved.subarray(0, ssmAt)]).toEqual([1, 2, 3, 4]);
    };
    const [y, state] = [kernels.space(expected.length), stateOf()];
    const inputs = [
      kernels.floats(x),
      kernels.floats(raw),
      kernels.floats(low),
      channel,
      turnedA,
      projected,
    ];
    await kernels.dispatch(
      [[selectiveScan(shape, place), [...inputs, y, kernels.run(seqLen)]]],
      seqLen,
      state,
    );
    await check(y, state);
    if (seqLen > 1) return;
    const [step, next] = [kernels.space(expected.length), stateOf()];
    const weights = [kernels.floats(dtWeight), channel, turnedA];
    await kernels.dispatch(
      [[selectiveStateUpdate(shape, place), [projected, kernels.floats(low), ...weights, step]]],
      1,
      next,
    );
    await check(step, next);
  },
);

/** Random inputs of a Mamba-2 scan, and what the reference makes of them. */
function ssdCase(shape: SsdShape) {
  const { seqLen, nHeads, headDim, nGroups, dState } = shape;
  const dInner = nHeads * headDim;
  const x = f32(seqLen * dInner, -1, 1, 16);
  const [B, C] = [
    f32(seqLen * nGroups * dState, -1, 1, 17),
    f32(seqLen * nGroups * dState, -1, 1, 18),
  ];
  const raw = f32(seqLen * nHeads, -1, 1, 19);
  const [bias, D] = [f32(nHeads, -5, -1, 20), f32(nHeads, -1, 1, 21)];
  const A = f32(nHeads, -16, -0.1, 22);
  const initial = f32(dInner * dState, -1, 1, 23);
  const dt = raw.map((value, i) => softplus(value + bias[i % nHeads]));
  const h = Float64Array.from(initial);
  const y = ssdSelectiveScanReference({ x, dt, B, C }, { A, D, nGroups }, h);
  const row = (values: Float64Array, l: number) => {
    const width = values.length / seqLen;
    return values.subarray(l * width, (l + 1) * width);
  };
  const rows = (...parts: Float64Array[]) =>
    Array.from({ length: seqLen }, (_, l) => parts.flatMap((part) => [...row(part, l)])).flat();
  const head = Array.from(A, (a, k) => [a, D[k], bias[k], 0]).flat();
  return { x, B, C, raw, dt, A, D, initial, h, y, head, xbc: rows(x, B, C), rows };
}

describe('the Mamba-2 recurrence', () => {
  it.each<[number, Omit<SsdShape, 'seqLen' | 'chunkSize'>]>([
    [1, { nHeads: 2, headDim: 16, nGroups: 1, dState: 8 }],
    [63, { nHeads: 4, headDim: 4, nGroups: 2, dState: 16 }],
    [65, { nHeads: 2, headDim: 64, nGroups: 1, dState: 128 }],
    [100, { nHeads: 3, headDim: 20, nGroups: 3, dState: 100 }],
    [200, { nHeads: 1, headDim: 72, nGroups: 1, dState: 12 }],
  ])('in chunks and token by token, of %i tokens, %o', async (seqLen, sizes) => {
    const shape: SsdShape = { ...sizes, seqLen, chunkSize: SSD_CHUNK };
    const { nHeads, headDim, nGroups, dState } = shape;
    const { x, B, C, raw, dt, A, initial, h, y, head, xbc } = ssdCase(shape);
    const chunks = Math.ceil(seqLen / SSD_CHUNK);
    const stateSize = nHeads * headDim * dState;
    const place = { at: 4, stride: 0 };
    const stateOf = () => kernels.floats([1, 2, 3, 4, ...turned(initial, headDim, dState)]);
    const buffers = {
      raw: kernels.floats(raw),
      head: kernels.floats(head),
      xbc: kernels.floats(xbc),
      dt: kernels.space(chunks * nHeads * SSD_CHUNK),
      cumA: kernels.space(chunks * nHeads * SSD_CHUNK),
      products: kernels.space(chunks * nGroups * SSD_CHUNK ** 2),
      states: kernels.space(chunks * stateSize),
      y: kernels.space(y.length),
      state: stateOf(),
      run: kernels.run(seqLen),
    };
    const { products, states, run } = buffers;
    await kernels.dispatch(
      [
        [
          ssdChunkCumsum({ nHeads, dtFrom: 0, stride: nHeads, dtLimit: [0, Infinity] }),
          [buffers.raw, buffers.head, buffers.dt, buffers.cumA, run],
        ],
        [ssdChunkProducts(shape), [buffers.xbc, products, run]],
        [ssdChunkState(shape), [buffers.xbc, buffers.dt, buffers.cumA, states, run]],
      ],
      seqLen,
    );
    const cumA = chunkCumsumReference(dt, A, shape);
    const chunkStates = ssdChunkStateReference({ x, dt, B, C }, cumA, shape);
    const close = async (buffer: GPUBuffer, expected: Float64Array) => {
      expect(relativeL2(await kernels.read(buffer, expected.length), expected)).toBeLessThan(
        GPU_LIMITS.ssd,
      );
    };
    await close(states, turned(chunkStates, headDim, dState));

    await kernels.dispatch(
      [[ssdStatePassing(shape, place), [buffers.cumA, states, run]]],
      seqLen,
      buffers.state,
    );
    const passed = Float64Array.from(initial);
    await close(
      states,
      turned(ssdStatePassingReference(chunkStates, cumA, shape, passed), headDim, dState),
    );
    const expectedState = Float64Array.from([1, 2, 3, 4, ...turned(h, headDim, dState)]);
    await close(buffers.state, expectedState);

    const inputs = [buffers.xbc, buffers.dt, buffers.cumA, products, states, buffers.head];
    await kernels.dispatch([[ssdChunkScan(shape), [...inputs, buffers.y, run]]], seqLen);
    await close(buffers.y, y);

    const [again, state] = [kernels.space(y.length), stateOf()];
    await kernels.dispatch(
      [[ssdSelectiveScan(shape, place.at), [buffers.xbc, buffers.dt, buffers.head, again, run]]],
      seqLen,
      state,
    );
    await close(again, y);
    await close(state, expectedState);
  });

  // A workgroup has 8 channels and 32 slices of n, of which a thread reads eight at once.
  it.each([
    { nHeads: 2, headDim: 7, nGroups: 1, dState: 1 },
    { nHeads: 4, headDim: 9, nGroups: 2, dState: 31 },
    { nHeads: 3, headDim: 64, nGroups: 3, dState: 257 },
    { nHeads: 20, headDim: 63, nGroups: 1, dState: 100 },
  ])('in one step with the gate, %o', async (sizes) => {
    const shape: SsdShape = { ...sizes, seqLen: 1, chunkSize: SSD_CHUNK };
    const { headDim, dState } = shape;
    const { raw, B, C, x, initial, h, y, head, rows } = ssdCase(shape);
    const z = f32(x.length, -3, 3, 24);
    const state = kernels.floats([1, 2, 3, 4, ...turned(initial, headDim, dState)]);
    const out = kernels.space(y.length);
    const projected = kernels.floats(rows(z, x, B, C, raw));
    await kernels.dispatch(
      [
        [
          ssdStateUpdate(shape, { at: 4, stride: 0 }, { dtLimit: [0, Infinity], isGated: true }),
          [projected, kernels.floats(head), out],
        ],
      ],
      1,
      state,
    );
    const expected = y.map((value, i) => value * silu(z[i]));
    expect(relativeL2(await kernels.read(out, y.length), expected)).toBeLessThan(GPU_LIMITS.ssd);
    const moved = await kernels.read(state, 4 + h.length);
    const expectedState = Float64Array.from([1, 2, 3, 4, ...turned(h, headDim, dState)]);
    expect(relativeL2(moved, expectedState)).toBeLessThan(GPU_LIMITS.ssd);
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { argmax } from '../../kernels/argmax/argmax';
import { linearConvUpdate } from '../../kernels/causal_conv1d_update/linear_conv_update';
import { causalConv1dUpdateReference } from '../../kernels/causal_conv1d_update/causal_conv1d_update.reference';
import { embedding } from '../../kernels/embedding/embedding';
import { linearMatrix } from '../../kernels/linear/linear_matrix';
import { linearReference, readRow } from '../../kernels/linear/linear.reference';
import { linearVector } from '../../kernels/linear/linear_vector';
import type { MatrixFormat } from '../../kernels/linear/matrix_shape';
import { rmsNormReference } from '../../kernels/rms_norm/rms_norm.reference';
import { logProbabilityOf } from '../../model-runtime/sampling/sample';
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

const FORMATS: MatrixFormat[] = ['f32', 'int8', 'int4'];
const EPSILON = 1e-5;

describe.each(FORMATS)('with %s weights', (format) => {
  // A workgroup has four rows; 20 vectors of 16 bytes a row are less than its 32 lanes, 100 more than four times as many.
  it.each([
    [1, 32],
    [3, 64],
    [5, 320],
    [63, 96],
    [100, 1600],
    [1000, 32],
  ])('linear_vector of %i rows, %i columns, without a norm and with groups', async (rows, cols) => {
    const { shape, values, scales, bias, truth } = kernels.matrix(rows, cols, format, 1);
    const x = f32(cols, -1, 1, 2);
    const norm = f32(cols, 0.5, 1.5, 3);
    const before = f32(rows, -1, 1, 4);
    const input = [values, scales, kernels.floats(x), kernels.floats(norm), bias];
    const plain = kernels.space(rows);
    await kernels.dispatch([[linearVector(shape), [...input, plain]]], 1);
    const product = linearReference(truth, x);
    expect(relativeL2(await kernels.read(plain, rows), product)).toBeLessThan(GPU_LIMITS.linear);

    const groups = 2;
    const added = kernels.floats(before);
    const options = { norm: { groups, epsilon: EPSILON }, isAdded: true };
    await kernels.dispatch([[linearVector(shape, options), [...input, added]]], 1);
    const half = cols / groups;
    const normed = Float64Array.from([
      ...rmsNormReference(x.subarray(0, half), norm.subarray(0, half), EPSILON),
      ...rmsNormReference(x.subarray(half), norm.subarray(half), EPSILON),
    ]);
    const expected = linearReference(truth, normed).map((value, r) => value + before[r]);
    expect(relativeL2(await kernels.read(added, rows), expected)).toBeLessThan(GPU_LIMITS.linear);
  });

  // A tile has 128 tokens and 64 rows.
  it.each([
    [1, 1, 32],
    [127, 63, 64],
    [129, 65, 96],
    [100, 1000, 32],
  ])('linear_matrix of %i tokens, %i rows, %i columns', async (seqLen, rows, cols) => {
    const { shape, values, scales, bias, truth } = kernels.matrix(rows, cols, format, 5);
    const xStride = cols + 5;
    const x = f32(seqLen * xStride, -1, 1, 6);
    const before = f32(seqLen * rows, -1, 1, 7);
    const input = [values, scales, bias, kernels.floats(x)];
    const run = kernels.run(seqLen);
    const y = kernels.space(seqLen * rows);
    const added = kernels.floats(before);
    await kernels.dispatch(
      [
        [linearMatrix(shape, { xStride }), [...input, y, run]],
        [linearMatrix(shape, { xStride, isAdded: true }), [...input, added, run]],
      ],
      seqLen,
    );
    const rowsOfX = Array.from({ length: seqLen }, (_, l) =>
      x.subarray(l * xStride, l * xStride + cols),
    );
    const expected = Float64Array.from(rowsOfX.flatMap((row) => [...linearReference(truth, row)]));
    expect(relativeL2(await kernels.read(y, expected.length), expected)).toBeLessThan(
      GPU_LIMITS.linear,
    );
    const sum = expected.map((value, i) => value + before[i]);
    expect(relativeL2(await kernels.read(added, sum.length), sum)).toBeLessThan(GPU_LIMITS.linear);
  });

  it('embedding gathers rows exactly', async () => {
    const { shape, values, scales, truth } = kernels.matrix(50, 96, format, 8);
    const ids = [49, 0, 7, 7, 31];
    const h = kernels.space(ids.length * 96);
    await kernels.dispatch([[embedding(shape), [values, scales, kernels.ids(ids), h]]], ids.length);
    const expected = ids.flatMap((id) => {
      const row = new Float64Array(96);
      readRow(truth, id, row);
      return [...row];
    });
    expect([...(await kernels.read(h, expected.length))]).toEqual(expected);
  });
});

it.each([
  ['int8', 5, 32, 2],
  ['int8', 63, 64, 4],
  ['int8', 100, 96, 3],
  ['int4', 63, 64, 4],
  ['int4', 1000, 96, 3],
] as const)(
  'linear_conv_update with %s weights of %i channels, %i columns, %i taps',
  async (...sizes) => {
    const [format, channels, cols, width] = sizes;
    const [from, after] = [3, 2];
    const rows = from + channels + after;
    const { shape, values, scales, bias: rowBias, truth } = kernels.matrix(rows, cols, format, 9);
    const x = f32(cols, -1, 1, 10);
    const norm = f32(cols, 0.5, 1.5, 11);
    const weight = f32(channels * width, -1, 1, 12);
    const bias = f32(channels, -1, 1, 13);
    const window = f32(channels * (width - 1), -1, 1, 14);
    const convAt = 8;
    const state = kernels.floats([
      ...new Array<number>(convAt).fill(7),
      ...turned(window, channels, width - 1),
    ]);
    const filters = kernels.floats([...turned(weight, channels, width), ...bias]);
    const y = kernels.space(rows);
    const spec = linearConvUpdate(
      shape,
      { groups: 1, epsilon: EPSILON },
      { from, channels, width, kept: { at: convAt, stride: 0 } },
    );
    const input = [values, scales, kernels.floats(x), kernels.floats(norm), rowBias];
    const buffers = [...input, y, filters];
    await kernels.dispatch([[spec, buffers]], 1, state);

    const expected = linearReference(truth, rmsNormReference(x, norm, EPSILON));
    const convolved = causalConv1dUpdateReference(
      expected.slice(from, from + channels),
      { weight, bias },
      window,
    );
    expected.set(convolved, from);
    expect(relativeL2(await kernels.read(y, rows), expected)).toBeLessThan(GPU_LIMITS.linear);
    const moved = await kernels.read(state, convAt + window.length);
    expect(relativeL2(moved.subarray(convAt), turned(window, channels, width - 1))).toBeLessThan(
      GPU_LIMITS.linear,
    );
    expect([...moved.subarray(0, convAt)]).toEqual(new Array(convAt).fill(7));
  },
);

it.each([1, 3, 255, 257, 1000])('argmax of %i logits', async (vocabSize) => {
  const logits = Float32Array.from(f32(vocabSize, -8, 8, 15));
  const expected = logits.indexOf(Math.max(...logits));
  // A later equal one does not win.
  if (expected < vocabSize - 1) logits[vocabSize - 1] = logits[expected];
  const token = kernels.ids([0]);
  const ring = kernels.ids([1, 77, 78, 0, 0]);
  await kernels.dispatch([[argmax(vocabSize), [kernels.floats(logits), token, ring]]], 1);
  const words = new Uint32Array((await kernels.read(ring, 5)).slice().buffer);
  const chosen = new Uint32Array((await kernels.read(token, 1)).slice().buffer);
  expect([chosen[0], ...words.subarray(0, 4)]).toEqual([expected, 2, 77, 78, expected]);
  const logProbability = new Float32Array(words.buffer)[4];
  expect(logProbability).toBeCloseTo(logProbabilityOf(expected, logits, logits[expected]), 5);
});

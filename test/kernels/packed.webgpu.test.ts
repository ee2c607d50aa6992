import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linearMatrix } from '../../kernels/linear/linear_matrix';
import { linearMatrixPacked } from '../../kernels/linear/linear_matrix_packed';
import { linearReference } from '../../kernels/linear/linear.reference';
import { quantizeActivations } from '../../kernels/linear/quantize_activations';
import { relativeL2 } from '../support/compare';
import { f32, GpuKernels } from '../support/gpuKernels';
import { createRandom } from '../support/random';
import { GPU_LIMITS } from './limits';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let kernels: GpuKernels;
beforeAll(async () => {
  kernels = await GpuKernels.open();
});
afterAll(() => {
  kernels.gpu.dispose();
});

/** Activations with outliers, as models have them, and blocks of nothing, of almost nothing and of the largest numbers. */
function activations(seqLen: number, cols: number): Float64Array {
  const random = createRandom(seqLen + cols);
  const x = f32(seqLen * cols, -1, 1, 20).map((v) => (random() < 0.01 ? 30 * v : v));
  const blocks: number[] = [0, 1e-35, 3e30, -3e30];
  blocks.slice(0, x.length / 32 - 1).forEach((value, i) => x.fill(value, 32 * i, 32 * i + 31));
  return x.map(Math.fround);
}

it('the device has packed products', () => {
  expect(kernels.gpu.products).toContain('packed');
});

describe('quantize_activations', () => {
  it.each([
    [1, 32],
    [63, 64],
    [65, 96],
    [100, 640],
  ])('of %i tokens, %i columns is within half a step', async (seqLen, cols) => {
    const x = activations(seqLen, cols);
    const blocks = x.length / 32;
    const digits = kernels.space(x.length / 2);
    const scales = kernels.space(blocks);
    const run = kernels.run(seqLen);
    await kernels.dispatch(
      [[quantizeActivations(cols), [kernels.floats(x), digits, scales, run]]],
      seqLen,
    );
    const bytes = new Int8Array((await kernels.read(digits, x.length / 2)).slice().buffer);
    const steps = await kernels.read(scales, blocks);
    for (let block = 0; block < blocks; block++) {
      const numbers = x.subarray(32 * block, 32 * block + 32);
      const largest = Math.max(...numbers.map(Math.abs));
      expect(Math.abs(steps[block] * 32_639 - largest)).toBeLessThan(1e-6 * largest + 2e-30);
      numbers.forEach((value, i) => {
        const q = 256 * bytes[64 * block + i] + bytes[64 * block + 32 + i];
        expect(Math.abs(q * steps[block] - value)).toBeLessThanOrEqual(0.51 * steps[block]);
      });
    }
  });
});

describe('linear_matrix_packed', () => {
  // A tile has 128 tokens and 64 rows.
  it.each([
    ['int8', 1, 63, 640],
    ['int8', 100, 1, 96],
    ['int8', 127, 63, 64],
    ['int8', 129, 65, 96],
    ['int8', 63, 100, 640],
    ['int8', 100, 1000, 32],
    ['int4', 1, 63, 640],
    ['int4', 129, 65, 96],
    ['int4', 100, 1000, 32],
  ] as const)('with %s weights of %i tokens, %i rows, %i columns', async (...sizes) => {
    const [format, seqLen, rows, cols] = sizes;
    const { shape, values, scales, truth } = kernels.matrix(rows, cols, format, 21);
    const random = createRandom(seqLen);
    const x = f32(seqLen * cols, -1, 1, 22).map((v) => Math.fround(random() < 0.01 ? 30 * v : v));
    const [before, bias] = [f32(seqLen * rows, -1, 1, 23), f32(rows, -1, 1, 24)];
    const digits = kernels.space(x.length / 2);
    const xScales = kernels.space(x.length / 32);
    const run = kernels.run(seqLen);
    const y = kernels.space(seqLen * rows);
    const added = kernels.floats(before);
    const weights = [values, scales, kernels.floats(bias)];
    const biased = { ...shape, hasBias: true };
    await kernels.dispatch(
      [
        [quantizeActivations(cols), [kernels.floats(x), digits, xScales, run]],
        [linearMatrixPacked(shape), [...weights, digits, y, run, xScales]],
        [linearMatrixPacked(biased, { isAdded: true }), [...weights, digits, added, run, xScales]],
      ],
      seqLen,
    );
    const expected = linearReference(truth, x);
    const product = await kernels.read(y, expected.length);
    expect(relativeL2(product, expected)).toBeLessThan(GPU_LIMITS.linear_packed);
    const sum = expected.map((value, i) => value + before[i] + bias[i % rows]);
    expect(relativeL2(await kernels.read(added, sum.length), sum)).toBeLessThan(
      GPU_LIMITS.linear_packed,
    );
  });

  it('multiplies the largest levels without an overflow, and exactly where the activations are', async () => {
    const [rows, cols, seqLen] = [64, 64, 2];
    const { shape, values, scales, truth } = kernels.matrix(rows, cols, 'int8', 25);
    const extreme = new Int8Array(rows * cols).fill(-128);
    kernels.gpu.write(values, extreme);
    // 32639 steps of a power of two.
    const x = new Float64Array(seqLen * cols).map((_, i) => (i < cols ? 32_639 : -32_639) / 1024);
    const [digits, xScales] = [kernels.space(x.length / 2), kernels.space(x.length / 32)];
    const run = kernels.run(seqLen);
    const [y, plain] = [kernels.space(seqLen * rows), kernels.space(seqLen * rows)];
    const input = kernels.floats(x);
    const weights = [values, scales, kernels.floats([0])];
    await kernels.dispatch(
      [
        [quantizeActivations(cols), [input, digits, xScales, run]],
        [linearMatrixPacked(shape), [...weights, digits, y, run, xScales]],
        [linearMatrix(shape), [...weights, input, plain, run]],
      ],
      seqLen,
    );
    if (truth.kind !== 'int8') throw new Error('Not int8.');
    const expected = linearReference({ ...truth, values: extreme }, x);
    expect(relativeL2(await kernels.read(y, expected.length), expected)).toBeLessThan(1e-6);
    expect(relativeL2(await kernels.read(plain, expected.length), expected)).toBeLessThan(1e-6);
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { halveActivations } from '../../kernels/linear/halve_activations';
import { linearMatrixF16 } from '../../kernels/linear/linear_matrix_f16';
import { linearReference } from '../../kernels/linear/linear.reference';
import { chooseProducts, fastestProducts } from '../../model-runtime/engines/webgpu/chooseProducts';
import { Pipelines } from '../../model-runtime/engines/webgpu/pipelines';
import { relativeL2 } from '../support/compare';
import { f32, GpuKernels } from '../support/gpuKernels';
import { createRandom } from '../support/random';
import { GPU_LIMITS } from './limits';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let kernels: GpuKernels;
beforeAll(async () => {
  kernels = await GpuKernels.open();
});
afterAll(() => {
  kernels.gpu.dispose();
});

/** Activations with outliers, as models have them. */
function activations(seqLen: number, cols: number): Float64Array {
  const random = createRandom(seqLen + cols);
  return f32(seqLen * cols, -1, 1, 20).map((v) => Math.fround(random() < 0.01 ? 300 * v : v));
}

it('the device, which is lavapipe, has f16', () => {
  expect(kernels.gpu.adapterName).toContain('llvmpipe');
  expect(kernels.gpu.products, 'Mesa 24 or newer has it: scripts/setupDebian.sh').toContain('f16');
});

describe('halve_activations', () => {
  // A workgroup of 64 threads has a vector, four numbers a thread at a time.
  it.each([
    [1, 32],
    [63, 64],
    [65, 288],
    [100, 640],
  ])('of %i tokens, %i columns has 11 bits', async (seqLen, cols) => {
    const x = activations(seqLen, cols);
    // Rows of nothing, of almost nothing and of the largest numbers.
    [0, 1e-38, 3e38, -3e38].slice(0, seqLen - 1).forEach((value, l) => {
      x.fill(Math.fround(value), l * cols, (l + 1) * cols - 1);
    });
    const half = kernels.space(x.length / 2);
    const scales = kernels.space(seqLen);
    await kernels.dispatch(
      [[halveActivations(cols), [kernels.floats(x), half, scales, kernels.run(seqLen)]]],
      seqLen,
    );
    const halves = new Float16Array((await kernels.read(half, x.length / 2)).slice().buffer);
    const scale = await kernels.read(scales, seqLen);
    for (let l = 0; l < seqLen; l++) {
      const row = x.subarray(l * cols, (l + 1) * cols);
      const largest = Math.max(...row.map(Math.abs));
      expect(Math.log2(scale[l])).toSatisfy(Number.isInteger);
      if (largest > 1e-30) {
        expect(largest / scale[l]).toBeGreaterThanOrEqual(16);
        expect(largest / scale[l]).toBeLessThan(32);
      }
      row.forEach((value, c) => {
        const difference = Math.abs(halves[l * cols + c] * scale[l] - value);
        expect(difference).toBeLessThanOrEqual(
          Math.abs(value) * 2 ** -11 + largest * 2 ** -28 + 1e-37,
        );
      });
    }
  });
});

describe('linear_matrix_f16', () => {
  // A tile has 128 tokens and 64 rows.
  it.each([
    ['int8', 1, 63, 640],
    ['int8', 100, 1, 96],
    ['int8', 127, 63, 64],
    ['int8', 129, 65, 96],
    ['int8', 63, 100, 1280],
    ['int8', 100, 1000, 32],
    ['int4', 1, 63, 640],
    ['int4', 129, 65, 96],
    ['int4', 100, 1000, 32],
  ] as const)('with %s weights of %i tokens, %i rows, %i columns', async (...sizes) => {
    const [format, seqLen, rows, cols] = sizes;
    const { shape, values, scales, bias, truth } = kernels.matrix(rows, cols, format, 21);
    const x = activations(seqLen, cols);
    const half = kernels.space(x.length / 2);
    const xScales = kernels.space(seqLen);
    const run = kernels.run(seqLen);
    const y = kernels.space(seqLen * rows);
    await kernels.dispatch(
      [
        [halveActivations(cols), [kernels.floats(x), half, xScales, run]],
        [linearMatrixF16(shape), [values, scales, bias, half, y, run, xScales]],
      ],
      seqLen,
    );
    const expected = linearReference(truth, x);
    const product = await kernels.read(y, expected.length);
    expect(relativeL2(product, expected)).toBeLessThan(GPU_LIMITS.linear_f16);
  });

  it('adds up the largest levels and activations without an overflow, and a bias, onto what is there', async () => {
    const [rows, cols, seqLen] = [64, 64, 2];
    const { shape, values, scales, truth } = kernels.matrix(rows, cols, 'int8', 25);
    const extreme = new Int8Array(rows * cols).fill(-128);
    kernels.gpu.write(values, extreme);
    const x = new Float64Array(seqLen * cols).map((_, i) => (i < cols ? 65_535 : -65_535));
    const [half, xScales] = [kernels.space(x.length / 2), kernels.space(seqLen)];
    const run = kernels.run(seqLen);
    const [before, bias] = [f32(seqLen * rows, -1e6, 1e6, 23), f32(rows, -1e6, 1e6, 24)];
    const y = kernels.floats(before);
    const spec = linearMatrixF16({ ...shape, hasBias: true }, { isAdded: true });
    await kernels.dispatch(
      [
        [halveActivations(cols), [kernels.floats(x), half, xScales, run]],
        [spec, [values, scales, kernels.floats(bias), half, y, run, xScales]],
      ],
      seqLen,
    );
    if (truth.kind !== 'int8') throw new Error('Not int8.');
    const product = linearReference({ ...truth, values: extreme }, x);
    const expected = product.map((value, i) => value + before[i] + bias[i % rows]);
    expect(relativeL2(await kernels.read(y, expected.length), expected)).toBeLessThan(1e-4);
  });
});

it('is one of those that a choice measures', async () => {
  const { gpu } = kernels;
  const shape = { rows: 65, cols: 96, format: 'int8' } as const;
  const { products, productTimes = {} } = await chooseProducts(
    'fastest',
    gpu,
    new Pipelines(gpu),
    shape,
    64,
  );
  expect(Object.keys(productTimes)).toEqual(['f32', 'packed', 'f16']);
  expect(products).toBe(fastestProducts(productTimes));
});

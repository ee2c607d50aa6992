import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gatedRmsNorm } from '../../kernels/gated_rms_norm/gated_rms_norm';
import { gatedRmsNormReference } from '../../kernels/gated_rms_norm/gated_rms_norm.reference';
import { linearReference } from '../../kernels/linear/linear.reference';
import { linearVector } from '../../kernels/linear/linear_vector';
import { rmsNormReference } from '../../kernels/rms_norm/rms_norm.reference';
import { topKTopPSample } from '../../kernels/top_k_top_p_sample/top_k_top_p_sample';
import { logProbabilityOf, sample } from '../../model-runtime/sampling/sample';
import { relativeL2 } from '../support/compare';
import { f32, GpuKernels } from '../support/gpuKernels';
import { createRandom } from '../support/random';
import { GPU_LIMITS } from './limits';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const EPSILON = 1e-5;

/**
 * How to draw, by vocabulary: each takes a pipeline, whose compilation takes seconds. 1,027 tokens are more fours than threads, and
 * the last four is not whole; of 3 and 255 most threads have none.
 */
const DRAWS = [
  { vocabSize: 1027, temperature: 1, topP: 1 },
  { vocabSize: 1027, temperature: 1, topP: 0.5 },
  { vocabSize: 1027, temperature: 0.7, topP: 1, topK: 5 },
  { vocabSize: 1027, temperature: 1.5, topP: 0.8, topK: 40 },
  { vocabSize: 1027, temperature: 0.8, topP: 0.95 },
  { vocabSize: 3, temperature: 0.5, topP: 0.9 },
];
const DRAWS_WITHOUT_SUBGROUPS = [{ vocabSize: 255, temperature: 0.9, topP: 0.9, topK: 100 }];

describe.each([
  { name: 'subgroups', avoidsSubgroups: false, draws: DRAWS },
  { name: 'workgroup memory', avoidsSubgroups: true, draws: DRAWS_WITHOUT_SUBGROUPS },
])('with sums by $name', ({ avoidsSubgroups, draws }) => {
  let kernels: GpuKernels;
  beforeAll(async () => {
    kernels = await GpuKernels.open({ avoidsSubgroups });
  });
  afterAll(() => {
    kernels.gpu.dispose();
  });

  it('really has them', () => {
    expect(kernels.gpu.subgroupSize !== undefined).toBe(!avoidsSubgroups);
  });

  // A subgroup of SwiftShader has 4 threads: rows of 2, 4 and 32 threads, and norms of whole workgroups.
  it.each([2, 4, 32])('linear_vector with a norm and a bias, %i threads a row', async (lanes) => {
    const [rows, cols] = [63, 96];
    const { shape, values, scales, truth } = kernels.matrix(rows, cols, 'int8', 1);
    const [x, norm, bias] = [f32(2 * cols, -1, 1, 2), f32(cols, 0.5, 1.5, 3), f32(rows, -1, 1, 4)];
    const y = kernels.space(2 * rows);
    const options = { norm: { groups: 1, epsilon: EPSILON }, threads: { workgroup: 64, lanes } };
    await kernels.dispatch(
      [
        [
          linearVector({ ...shape, hasBias: true }, options),
          [values, scales, ...[x, norm, bias].map((numbers) => kernels.floats(numbers)), y],
        ],
      ],
      [1, 1],
    );
    const expected = [x.subarray(0, cols), x.subarray(cols)].flatMap((one) => [
      ...linearReference(truth, rmsNormReference(one, norm, EPSILON), Float32Array.from(bias)),
    ]);
    expect(relativeL2(await kernels.read(y, 2 * rows), expected)).toBeLessThan(GPU_LIMITS.linear);
  });

  it('gated_rms_norm that normalises first', async () => {
    const [rows, width] = [3, 258];
    const [y, z, weight] = [
      f32(rows * width, -2, 2, 5),
      f32(rows * width, -4, 4, 6),
      f32(width, 0.5, 1.5, 7),
    ];
    const out = kernels.floats(y);
    const shape = { width, groups: 2, zStride: width, epsilon: EPSILON, normBeforeGate: true };
    await kernels.dispatch(
      [[gatedRmsNorm(shape), [out, kernels.floats(z), kernels.floats(weight)]]],
      rows,
    );
    const expected = gatedRmsNormReference(y, z, weight, 2, EPSILON, true);
    expect(relativeL2(await kernels.read(out, y.length), expected)).toBeLessThan(GPU_LIMITS.norm);
  });

  it.each(draws)(
    'top_k_top_p_sample draws what the host draws: %o',
    async ({ vocabSize, ...options }) => {
      const logits = Float32Array.from(f32(vocabSize, -4, 4, 8));
      // Equals, on both sides of the boundaries.
      for (let i = 0; i + 7 < vocabSize; i += 11) logits[i] = logits[i + 7] = Math.round(logits[i]);
      const random = createRandom(vocabSize);
      const numbers = Float32Array.from({ length: 24 }, random).map((u) => Math.min(u, 0.9999));
      const buffers = [
        kernels.floats(logits),
        kernels.ids([0]),
        kernels.ids(new Array<number>(49).fill(0)),
        kernels.floats([options.temperature, options.topP, options.topK ?? 0, ...numbers]),
      ];
      const spec = topKTopPSample(vocabSize);
      await kernels.dispatch(
        Array.from(numbers, () => [spec, buffers]),
        1,
      );
      const words = new Uint32Array((await kernels.read(buffers[2], 49)).slice().buffer);
      const ids = Array.from(numbers, (_, i) => words[1 + 2 * i]);
      const expected = Array.from(numbers, (u) => sample(logits, { ...options, random: () => u }));
      expect(words[0]).toBe(24);
      expect(ids).toEqual(expected.map(({ token }) => token));
      const logProbabilities = new Float32Array(words.buffer);
      const largest = Math.max(...logits);
      ids.forEach((id, i) => {
        expect(logProbabilities[2 + 2 * i]).toBeCloseTo(logProbabilityOf(id, logits, largest), 4);
      });
      const [chosen] = new Uint32Array((await kernels.read(buffers[1], 1)).slice().buffer);
      expect(chosen).toBe(ids[23]);
    },
  );
});

import { PASS_WORDS, passWords, workOf } from '../../../kernels/lib/pass';
import { rowWords, type MatrixShape } from '../../../kernels/linear/matrix_shape';
import type { GpuContext } from './gpuContext';
import type { GpuMatrix } from './gpuMatrix';
import { matrixSteps } from './matrixSteps';
import { record, type Pipelines, type Step } from './pipelines';
import { roundedRows, type Products } from './products';

/** Milliseconds of one product, by what it is computed in. */
export type ProductTimes = Partial<Record<Products, number>>;

/** What rounds the activations has to be so much faster than f32, which is exact. */
const LEAST_GAIN = 1.15;
/** Of each round, and how many products it has at most: a slow device needs no more than one. */
const ROUND_MS = 4;
const MOST_PRODUCTS = 32;
const ROUNDS = 3;

/** The fastest, if it is worth it. */
export function fastestProducts({ f32 = 0, ...rounded }: ProductTimes): Products {
  let fastest: Products = 'f32';
  let limit = f32 / LEAST_GAIN;
  for (const products of ['packed', 'f16'] as const) {
    const { [products]: ms = Infinity } = rounded;
    if (ms > limit) continue;
    fastest = products;
    limit = ms;
  }
  return fastest;
}

/** What was wanted, or after a measurement the fastest; f32 for matrices in f32. */
export async function chooseProducts(
  wanted: Products | 'fastest',
  gpu: GpuContext,
  pipelines: Pipelines,
  shape: MatrixShape,
  tokens: number,
): Promise<{ products: Products; productTimes?: ProductTimes }> {
  if (shape.format === 'f32') return { products: 'f32' };
  if (wanted !== 'fastest') return { products: wanted };
  const productTimes = await timeProducts(gpu, pipelines, shape, tokens);
  return { products: fastestProducts(productTimes), productTimes };
}

interface Candidate {
  products: Products;
  steps: readonly Step[];
}

/**
 * Measures one product of a matrix of this shape with `tokens` vectors, the rounding of these included, in all that the device can
 * multiply in. What its driver refuses is left out.
 */
async function timeProducts(
  gpu: GpuContext,
  pipelines: Pipelines,
  shape: MatrixShape,
  tokens: number,
): Promise<ProductTimes> {
  const { rows, cols } = shape;
  const buffers: GPUBuffer[] = [];
  // A new buffer has zeros, which take as long as anything.
  const storage = (sizeBytes: number) => {
    const buffer = gpu.storage(sizeBytes, 'measured');
    buffers.push(buffer);
    return buffer;
  };
  const run = gpu.uniform(PASS_WORDS * 4, 'measured pass');
  buffers.push(run);
  gpu.write(run, passWords([tokens]));
  const scales = storage((rows * cols) / 16);
  const values = storage(rows * rowWords(shape) * 4);
  const matrix: GpuMatrix = { shape: { ...shape, hasBias: false }, values, scales, bias: scales };
  const [x, y] = [storage(tokens * cols * 4), storage(tokens * rows * 4)];
  const candidates: Candidate[] = [];
  for (const products of gpu.products) {
    const rounded = roundedRows(products, gpu, tokens, cols);
    if (rounded) buffers.push(rounded.rows, rounded.scales);
    const steps = await matrixSteps({ pipelines, run, rounded }, matrix, x, y).catch(
      () => undefined,
    );
    if (steps) candidates.push({ products, steps });
  }
  const times = await fastestOfRounds(gpu, candidates, tokens, y);
  for (const buffer of buffers) buffer.destroy();
  return times;
}

async function fastestOfRounds(
  gpu: GpuContext,
  candidates: readonly Candidate[],
  tokens: number,
  result: GPUBuffer,
): Promise<ProductTimes> {
  const staging = gpu.staging(4, 'measured');
  const msOf = async (steps: readonly Step[], count: number) => {
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) record(pass, steps, [], workOf([tokens]));
    pass.end();
    encoder.copyBufferToBuffer(result, 0, staging, 0, 4);
    const start = performance.now();
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.read(staging, 4);
    return (performance.now() - start) / count;
  };
  const times: ProductTimes = {};
  let count = 1;
  // The first round is not counted: it says how long a product takes, and wakes the device.
  for (let round = 0; round <= ROUNDS; round++) {
    let longest = 0;
    for (const { products, steps } of candidates) {
      const ms = await msOf(steps, count);
      longest = Math.max(longest, ms);
      if (round > 0) times[products] = Math.min(times[products] ?? Infinity, ms);
    }
    if (round === 0) count = Math.max(1, Math.min(MOST_PRODUCTS, Math.floor(ROUND_MS / longest)));
  }
  staging.destroy();
  return times;
}

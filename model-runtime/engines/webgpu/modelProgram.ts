import { argmax } from '../../../kernels/argmax/argmax';
import { embedding } from '../../../kernels/embedding/embedding';
import { MOST_SEQUENCES, PASS_WORDS } from '../../../kernels/lib/pass';
import type { MatrixShape } from '../../../kernels/linear/matrix_shape';
import { linearVector } from '../../../kernels/linear/linear_vector';
import {
  SAMPLER_HEAD,
  topKTopPSample,
} from '../../../kernels/top_k_top_p_sample/top_k_top_p_sample';
import { rmsNorm } from '../../../kernels/rms_norm/rms_norm';
import { isMamba2, type ModelWeights } from '../../model/weights';
import { RuntimeError } from '../../protocol/errors';
import { chooseProducts, type ProductTimes } from './chooseProducts';
import type { GpuContext } from './gpuContext';
import { uploadMatrix } from './gpuMatrix';
import { mamba1Steps } from './mamba1Steps';
import { mamba2Steps } from './mamba2Steps';
import { matrixSteps } from './matrixSteps';
import { weightBuffers, type StepContext } from './modelSteps';
import { Pipelines, type Step } from './pipelines';
import { roundedRows, type Products } from './products';
import { stateLayout, type StateLayout } from './stateLayout';

/** Most tokens that one submission may choose. */
export const RING_LENGTH = 64;
/** Words of the ring: the count, then an id and a log-probability for each token. */
export const RING_WORDS = 1 + 2 * RING_LENGTH;

/** Weights, scratch and everything that is recorded, made once. */
export interface ModelProgram {
  gpu: GpuContext;
  /** In what prefill multiplies quantized weights, and the times that it was chosen by, if it was. */
  products: Products;
  productTimes: ProductTimes | undefined;
  pipelines: Pipelines;
  layout: StateLayout;
  /** Ids of a prefill; of one token a sequence. */
  tokens: GPUBuffer;
  token: GPUBuffer;
  /** Uniform: the sequences of a prefill. */
  run: GPUBuffer;
  hidden: GPUBuffer;
  hiddenRows: GPUBuffer;
  logits: GPUBuffer;
  ring: GPUBuffer;
  /** From `token` to `logits`. */
  decode: Step[];
  /** From `tokens` to `hiddenRows`. */
  prefill: Step[];
  /** From `hidden` to `logits`. */
  head: Step[];
  /** From one sequence's `logits` to `token` and `ring`: the most probable token. */
  choose: Step[];
  /** The same, drawn by what `sampler` says; made when it is first needed. */
  draw(): Promise<{ steps: Step[]; sampler: GPUBuffer }>;
  /** From `hiddenRows` to logits of every row; made when it is first needed. */
  allRows(): Promise<{ steps: Step[]; logits: GPUBuffer }>;
}

export interface ProgramOptions extends Pick<
  StepContext,
  'maxChunkTokens' | 'rowThreads' | 'isInt4'
> {
  /** In what prefill multiplies quantized weights; `fastest` measures what the device can do. */
  products: Products | 'fastest';
}

/** Uploads the weights; they are not kept. Throws `outOfMemory` and `engineUnavailable`. */
export function createModelProgram(
  weights: ModelWeights,
  gpu: GpuContext,
  { products: wanted, ...options }: ProgramOptions,
): Promise<ModelProgram> {
  const { maxChunkTokens, rowThreads } = options;
  return gpu.checked(async () => {
    const { config } = weights;
    const { dModel, dInner, vocabSize, normEpsilon: epsilon } = config;
    const pipelines = new Pipelines(gpu);
    const { products, productTimes } = await chooseProducts(
      wanted,
      gpu,
      pipelines,
      largestShape(weights, options.isInt4),
      maxChunkTokens,
    );
    const layout = stateLayout(config);
    const numbers = (count: number, label: string) => gpu.storage(count * 4, label);
    const run = gpu.uniform(PASS_WORDS * 4, 'pass');
    const hidden = numbers(MOST_SEQUENCES * dModel, 'hidden');
    const hiddenRows = numbers(maxChunkTokens * dModel, 'hidden rows');
    const tokens = numbers(maxChunkTokens, 'tokens');
    const token = numbers(MOST_SEQUENCES, 'token');
    const logits = numbers(MOST_SEQUENCES * vocabSize, 'logits');
    const ring = numbers(RING_WORDS, 'ring');
    const rows = uploadMatrix(gpu, weights.embedding, 'embedding');
    const isTied = weights.head === weights.embedding;
    const headMatrix = isTied ? rows : uploadMatrix(gpu, weights.head, 'head');
    const normF = gpu.upload(Float32Array.from(weights.normF), 'norm_f');
    const context: StepContext = {
      gpu,
      pipelines,
      layout,
      run,
      hidden,
      hiddenRows,
      rounded: roundedRows(products, gpu, maxChunkTokens, Math.max(dModel, dInner)),
      ...options,
    };
    const layers = await (isMamba2(weights)
      ? mamba2Steps(weights, context)
      : mamba1Steps(weights, context));
    const gather = embedding(rows.shape);
    const [embedOne, embedRows, head, choose] = await Promise.all([
      pipelines.step(gather, [...weightBuffers(rows), token, hidden]),
      pipelines.step(gather, [...weightBuffers(rows), tokens, hiddenRows]),
      pipelines.step(
        linearVector(headMatrix.shape, { norm: { groups: 1, epsilon }, threads: rowThreads }),
        [...weightBuffers(headMatrix), hidden, normF, headMatrix.bias, logits],
      ),
      pipelines.step(argmax(vocabSize), [logits, token, ring]),
    ]);

    const makeAllRows = () =>
      gpu.checked(async () => {
        const normed = numbers(maxChunkTokens * dModel, 'all normed rows');
        const allLogits = numbers(maxChunkTokens * vocabSize, 'all logits');
        const steps = await Promise.all([
          pipelines.step(rmsNorm(dModel, epsilon), [hiddenRows, normF, normed]),
          matrixSteps(context, headMatrix, normed, allLogits),
        ]);
        return { steps: steps.flat(), logits: allLogits };
      });
    const makeDraw = () =>
      gpu.checked(async () => {
        const sampler = numbers(SAMPLER_HEAD + RING_LENGTH, 'sampler');
        const spec = topKTopPSample(vocabSize);
        return { steps: [await pipelines.step(spec, [logits, token, ring, sampler])], sampler };
      });
    let draw: ReturnType<typeof makeDraw> | undefined;
    let allRows: ReturnType<typeof makeAllRows> | undefined;
    return {
      gpu,
      products,
      productTimes,
      pipelines,
      layout,
      tokens,
      token,
      run,
      hidden,
      hiddenRows,
      logits,
      ring,
      decode: [embedOne, ...layers.flatMap((layer) => layer.decode), head],
      prefill: [embedRows, ...layers.flatMap((layer) => layer.prefill)],
      head: [head],
      choose: [choose],
      draw: () => (draw ??= makeDraw()),
      allRows: () => (allRows ??= makeAllRows()),
    };
  });
}

/** Of the matrices inside the blocks. */
function largestShape({ layers: [first] }: ModelWeights, isInt4: boolean): MatrixShape {
  if (!first) throw new RuntimeError('internal', 'The model has no layers.');
  const { rows, cols, kind } = first.inProj;
  return { rows, cols, format: isInt4 && kind === 'int8' ? 'int4' : kind };
}

import { argmax } from '../../../kernels/argmax/argmax';
import { embedding } from '../../../kernels/embedding/embedding';
import { linearMatrix } from '../../../kernels/linear/linear_matrix';
import { linearVector } from '../../../kernels/linear/linear_vector';
import { rmsNorm } from '../../../kernels/rms_norm/rms_norm';
import { isMamba2, type ModelWeights } from '../../model/weights';
import type { GpuContext } from './gpuContext';
import { uploadMatrix } from './gpuMatrix';
import { mamba1Steps } from './mamba1Steps';
import { mamba2Steps } from './mamba2Steps';
import { weightBuffers, type StepContext } from './modelSteps';
import { Pipelines, type Step } from './pipelines';
import { stateLayout, type StateLayout } from './stateLayout';

/** Most tokens that `greedy` steps of one submission may choose. */
export const RING_LENGTH = 64;
/** Words of the ring: the count, then an id and a log-probability for each token. */
export const RING_WORDS = 1 + 2 * RING_LENGTH;

/** Weights, scratch and everything that is recorded, made once. */
export interface ModelProgram {
  gpu: GpuContext;
  pipelines: Pipelines;
  layout: StateLayout;
  /** Ids of a chunk; of a single token. */
  tokens: GPUBuffer;
  token: GPUBuffer;
  /** Uniform: the number of tokens of a prefill. */
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
  /** From `logits` to `token` and `ring`. */
  choose: Step[];
  /** From `hiddenRows` to logits of every row; made when it is first needed. */
  allRows(): Promise<{ steps: Step[]; logits: GPUBuffer }>;
}

/** Uploads the weights; they are not kept. Throws `outOfMemory` and `engineUnavailable`. */
export function createModelProgram(
  weights: ModelWeights,
  gpu: GpuContext,
  { maxChunkTokens, rowThreads }: Pick<StepContext, 'maxChunkTokens' | 'rowThreads'>,
): Promise<ModelProgram> {
  return gpu.checked(async () => {
    const { config } = weights;
    const { dModel, vocabSize, normEpsilon: epsilon } = config;
    const pipelines = new Pipelines(gpu);
    const layout = stateLayout(config);
    const numbers = (count: number, label: string) => gpu.storage(count * 4, label);
    const run = gpu.uniform(16, 'pass');
    const hidden = numbers(dModel, 'hidden');
    const hiddenRows = numbers(maxChunkTokens * dModel, 'hidden rows');
    const tokens = numbers(maxChunkTokens, 'tokens');
    const token = numbers(1, 'token');
    const logits = numbers(vocabSize, 'logits');
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
      maxChunkTokens,
      rowThreads,
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
        [...weightBuffers(headMatrix), hidden, normF, logits],
      ),
      pipelines.step(argmax(vocabSize), [logits, token, ring]),
    ]);

    const makeAllRows = () =>
      gpu.checked(async () => {
        const normed = numbers(maxChunkTokens * dModel, 'all normed rows');
        const allLogits = numbers(maxChunkTokens * vocabSize, 'all logits');
        const steps = await Promise.all([
          pipelines.step(rmsNorm(dModel, epsilon), [hiddenRows, normF, normed]),
          pipelines.step(linearMatrix(headMatrix.shape), [
            ...weightBuffers(headMatrix),
            normed,
            allLogits,
            run,
          ]),
        ]);
        return { steps, logits: allLogits };
      });
    let allRows: ReturnType<typeof makeAllRows> | undefined;
    return {
      gpu,
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
      allRows: () => (allRows ??= makeAllRows()),
    };
  });
}

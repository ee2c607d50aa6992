import { causalConv1d, keepInputs } from '../../../kernels/causal_conv1d/causal_conv1d';
import { linearConvUpdate } from '../../../kernels/causal_conv1d_update/linear_conv_update';
import { MOST_SEQUENCES } from '../../../kernels/lib/pass';
import { linearVector } from '../../../kernels/linear/linear_vector';
import { rmsNorm } from '../../../kernels/rms_norm/rms_norm';
import { selectiveScan } from '../../../kernels/selective_scan/selective_scan';
import { selectiveStateUpdate } from '../../../kernels/selective_state_update/selective_state_update';
import type { Mamba1Config } from '../../model/config';
import type { Mamba1Layer, Mamba1Weights } from '../../model/weights';
import { filterRows, transposed, uploadMatrix } from './gpuMatrix';
import { matrixSteps } from './matrixSteps';
import {
  statePlaces,
  stepsOfLayers,
  weightBuffers,
  type LayerSteps,
  type StepContext,
} from './modelSteps';
import type { Step } from './pipelines';
import { roundToInt4 } from './roundToInt4';

/** Uploads the blocks of a Mamba-1 and makes their steps: four dispatches a layer in decode. */
export function mamba1Steps(
  { config, layers }: Mamba1Weights,
  context: StepContext,
): Promise<LayerSteps[]> {
  const scratch = createScratch(config, context);
  return stepsOfLayers(layers, async (layer, i) => {
    const kept = context.isInt4 ? await inInt4(layer) : layer;
    const weights = uploadLayer(kept, config, i, context);
    return [
      decodeSteps(config, weights, scratch, context, i),
      prefillSteps(config, weights, scratch, context, i),
    ];
  });
}

type Scratch = ReturnType<typeof createScratch>;
type LayerBuffers = ReturnType<typeof uploadLayer>;

/** Buffers that every layer writes before it reads them. */
function createScratch(config: Mamba1Config, { gpu, maxChunkTokens }: StepContext) {
  const { dModel, dInner, dState, dtRank } = config;
  const numbers = (count: number, label: string) => gpu.storage(count * 4, label);
  const lowWidth = dtRank + 2 * dState;
  return {
    projected: numbers(MOST_SEQUENCES * 2 * dInner, 'projected'),
    low: numbers(MOST_SEQUENCES * lowWidth, 'dt | B | C'),
    y: numbers(MOST_SEQUENCES * dInner, 'y'),
    normedRows: numbers(maxChunkTokens * dModel, 'normed rows'),
    projectedRows: numbers(maxChunkTokens * 2 * dInner, 'projected rows'),
    xRows: numbers(maxChunkTokens * dInner, 'x rows'),
    lowRows: numbers(maxChunkTokens * lowWidth, 'dt | B | C rows'),
    dtRows: numbers(maxChunkTokens * dInner, 'dt rows'),
    yRows: numbers(maxChunkTokens * dInner, 'y rows'),
  };
}

/** dt_proj is always stored in f32. */
async function inInt4(layer: Mamba1Layer): Promise<Mamba1Layer> {
  return {
    ...layer,
    inProj: await roundToInt4(layer.inProj),
    xProj: await roundToInt4(layer.xProj),
    outProj: await roundToInt4(layer.outProj),
  };
}

function uploadLayer(
  layer: Mamba1Layer,
  { dInner, dState, dtRank }: Mamba1Config,
  index: number,
  { gpu, isInt4 }: StepContext,
) {
  const label = (name: string) => `layer ${String(index)} ${name}`;
  if (layer.dtProj.kind !== 'f32') throw new Error('dt_proj is always stored in f32.');
  const channel = new Float32Array(2 * dInner);
  layer.dtBias.forEach((bias, d) => {
    channel.set([bias, layer.d[d] ?? 0], 2 * d);
  });
  const A = transposed(layer.aLog, dInner, dState).map((aLog) => -Math.exp(aLog));
  return {
    inProj: uploadMatrix(gpu, layer.inProj, label('in_proj'), { bias: layer.inProjBias, isInt4 }),
    xProj: uploadMatrix(gpu, layer.xProj, label('x_proj'), { isInt4 }),
    dtProj: uploadMatrix(gpu, layer.dtProj, label('dt_proj')),
    dtWeight: gpu.upload(transposed(layer.dtProj.values, dInner, dtRank), label('dt_proj turned')),
    outProj: uploadMatrix(gpu, layer.outProj, label('out_proj'), {
      bias: layer.outProjBias,
      isInt4,
    }),
    norm: gpu.upload(Float32Array.from(layer.norm), label('norm')),
    filters: gpu.upload(filterRows(layer.convWeight, layer.convBias), label('conv1d')),
    channel: gpu.upload(channel, label('channels')),
    A: gpu.upload(A, label('A')),
  };
}

function decodeSteps(
  config: Mamba1Config,
  weights: LayerBuffers,
  { projected, low, y }: Scratch,
  { pipelines, layout, hidden, rowThreads: threads }: StepContext,
  layer: number,
): Promise<Step[]> {
  const { dInner, dConv, normEpsilon: epsilon } = config;
  const { inProj, xProj, dtWeight, outProj, norm, filters, channel, A } = weights;
  const { ssm, kept } = statePlaces(layout);
  const convolved = { from: 0, channels: layout.channels, width: dConv, kept };
  return Promise.all([
    pipelines.step(
      linearConvUpdate(inProj.shape, { groups: 1, epsilon }, convolved, threads),
      [...weightBuffers(inProj), hidden, norm, inProj.bias, projected, filters],
      layer,
    ),
    // Without a norm its weight is not read.
    pipelines.step(linearVector(xProj.shape, { threads, xStride: 2 * dInner }), [
      ...weightBuffers(xProj),
      projected,
      norm,
      xProj.bias,
      low,
    ]),
    pipelines.step(
      selectiveStateUpdate(config, ssm),
      [projected, low, dtWeight, channel, A, y],
      layer,
    ),
    pipelines.step(linearVector(outProj.shape, { isAdded: true, threads }), [
      ...weightBuffers(outProj),
      y,
      norm,
      outProj.bias,
      hidden,
    ]),
  ]);
}

async function prefillSteps(
  config: Mamba1Config,
  weights: LayerBuffers,
  scratch: Scratch,
  context: StepContext,
  layer: number,
): Promise<Step[]> {
  const { pipelines, layout, run, hiddenRows } = context;
  const { dModel, dInner, dState, dtRank, dConv, normEpsilon } = config;
  const { inProj, xProj, dtProj, outProj, norm, filters, channel, A } = weights;
  const { normedRows, projectedRows, xRows, lowRows, dtRows, yRows } = scratch;
  const { ssm, kept } = statePlaces(layout);
  const conv = {
    channels: dInner,
    width: dConv,
    xFrom: 0,
    xStride: 2 * dInner,
    kept,
  };
  const convBuffers = [projectedRows, filters, xRows, run];
  const steps = await Promise.all([
    pipelines.step(rmsNorm(dModel, normEpsilon), [hiddenRows, norm, normedRows]),
    matrixSteps(context, inProj, normedRows, projectedRows),
    pipelines.step(causalConv1d(conv), convBuffers, layer),
    pipelines.step(keepInputs(conv), convBuffers, layer),
    matrixSteps(context, xProj, xRows, lowRows),
    matrixSteps(context, dtProj, lowRows, dtRows, { xStride: dtRank + 2 * dState }),
    pipelines.step(
      selectiveScan(config, ssm),
      [xRows, dtRows, lowRows, channel, A, projectedRows, yRows, run],
      layer,
    ),
    matrixSteps(context, outProj, yRows, hiddenRows, { isAdded: true }),
  ]);
  return steps.flat();
}

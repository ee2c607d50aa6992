import { causalConv1d, keepInputs } from '../../../kernels/causal_conv1d/causal_conv1d';
import { linearConvUpdate } from '../../../kernels/causal_conv1d_update/linear_conv_update';
import {
  gatedRmsNorm,
  type GatedRmsNormShape,
} from '../../../kernels/gated_rms_norm/gated_rms_norm';
import { MOST_SEQUENCES, SSD_CHUNK } from '../../../kernels/lib/pass';
import { linearVector } from '../../../kernels/linear/linear_vector';
import { rmsNorm } from '../../../kernels/rms_norm/rms_norm';
import { ssdStateUpdate } from '../../../kernels/selective_state_update/ssd_state_update';
import { ssdChunkProducts } from '../../../kernels/ssd_chunk_scan/ssd_chunk_products';
import { ssdChunkScan } from '../../../kernels/ssd_chunk_scan/ssd_chunk_scan';
import { ssdChunkCumsum } from '../../../kernels/ssd_chunk_state/ssd_chunk_cumsum';
import { ssdChunkState } from '../../../kernels/ssd_chunk_state/ssd_chunk_state';
import { ssdStatePassing } from '../../../kernels/ssd_state_passing/ssd_state_passing';
import type { Mamba2Config } from '../../model/config';
import type { Mamba2Layer, Mamba2Weights } from '../../model/weights';
import { filterRows, uploadMatrix } from './gpuMatrix';
import { matrixSteps } from './matrixSteps';
import {
  mostChunks,
  statePlaces,
  stepsOfLayers,
  weightBuffers,
  type LayerSteps,
  type StepContext,
} from './modelSteps';
import type { Step } from './pipelines';
import { roundToInt4 } from './roundToInt4';

/** Uploads the blocks of a Mamba-2 and makes their steps: three dispatches a layer in decode, four with the norm before the gate. */
export function mamba2Steps(
  { config, layers }: Mamba2Weights,
  context: StepContext,
): Promise<LayerSteps[]> {
  const scratch = createScratch(config, context);
  return stepsOfLayers(layers, async (layer, i) => {
    const kept = context.isInt4 ? await inInt4(layer) : layer;
    const weights = uploadLayer(kept, i, context);
    return [
      decodeSteps(config, weights, scratch, context, i),
      prefillSteps(config, weights, scratch, context, i),
    ];
  });
}

type Scratch = ReturnType<typeof createScratch>;
type LayerBuffers = ReturnType<typeof uploadLayer>;

/** Buffers that every layer writes before it reads them. */
function createScratch(config: Mamba2Config, { gpu, layout, maxChunkTokens }: StepContext) {
  const { dModel, dInner, dState, nHeads, nGroups } = config;
  const numbers = (count: number, label: string) => gpu.storage(count * 4, label);
  const width = dInner + layout.channels + nHeads;
  const chunks = mostChunks(maxChunkTokens);
  return {
    projected: numbers(MOST_SEQUENCES * width, 'projected'),
    y: numbers(MOST_SEQUENCES * dInner, 'y'),
    normedRows: numbers(maxChunkTokens * dModel, 'normed rows'),
    projectedRows: numbers(maxChunkTokens * width, 'projected rows'),
    xbcRows: numbers(maxChunkTokens * layout.channels, 'xbc rows'),
    yRows: numbers(maxChunkTokens * dInner, 'y rows'),
    dt: numbers(chunks * nHeads * SSD_CHUNK, 'dt'),
    cumA: numbers(chunks * nHeads * SSD_CHUNK, 'cumA'),
    products: numbers(chunks * nGroups * SSD_CHUNK ** 2, 'products'),
    chunkStates: numbers(chunks * dInner * dState, 'chunk states'),
  };
}

async function inInt4(layer: Mamba2Layer): Promise<Mamba2Layer> {
  return {
    ...layer,
    inProj: await roundToInt4(layer.inProj),
    outProj: await roundToInt4(layer.outProj),
  };
}

function uploadLayer(layer: Mamba2Layer, index: number, { gpu, isInt4 }: StepContext) {
  const label = (name: string) => `layer ${String(index)} ${name}`;
  const head = new Float32Array(layer.aLog.length * 4);
  layer.aLog.forEach((aLog, k) => {
    head.set([-Math.exp(aLog), layer.d[k] ?? 0, layer.dtBias[k] ?? 0], 4 * k);
  });
  return {
    inProj: uploadMatrix(gpu, layer.inProj, label('in_proj'), { bias: layer.inProjBias, isInt4 }),
    outProj: uploadMatrix(gpu, layer.outProj, label('out_proj'), {
      bias: layer.outProjBias,
      isInt4,
    }),
    norm: gpu.upload(Float32Array.from(layer.norm), label('norm')),
    gatedNorm: gpu.upload(Float32Array.from(layer.gatedNorm), label('gated norm')),
    filters: gpu.upload(filterRows(layer.convWeight, layer.convBias), label('conv1d')),
    head: gpu.upload(head, label('heads')),
  };
}

function decodeSteps(
  config: Mamba2Config,
  weights: LayerBuffers,
  { projected, y }: Scratch,
  { pipelines, layout, hidden, rowThreads: threads }: StepContext,
  layer: number,
): Promise<Step[]> {
  const { dInner, dConv, nGroups, normEpsilon: epsilon, normBeforeGate, dtLimit } = config;
  const { inProj, outProj, norm, gatedNorm, filters, head } = weights;
  const { ssm, kept } = statePlaces(layout);
  const convolved = { from: dInner, channels: layout.channels, width: dConv, kept };
  const stepOptions = { dtLimit, isGated: !normBeforeGate };
  // Where the gate comes after the norm, both are a dispatch of their own.
  const gating = normBeforeGate
    ? [pipelines.step(gatedRmsNorm(gatedNormShape(config)), [y, projected, gatedNorm])]
    : [];
  const inputNorm = normBeforeGate ? undefined : { groups: nGroups, epsilon };
  return Promise.all([
    pipelines.step(
      linearConvUpdate(inProj.shape, { groups: 1, epsilon }, convolved, threads),
      [...weightBuffers(inProj), hidden, norm, inProj.bias, projected, filters],
      layer,
    ),
    pipelines.step(ssdStateUpdate(config, ssm, stepOptions), [projected, head, y], layer),
    ...gating,
    pipelines.step(linearVector(outProj.shape, { norm: inputNorm, isAdded: true, threads }), [
      ...weightBuffers(outProj),
      y,
      gatedNorm,
      outProj.bias,
      hidden,
    ]),
  ]);
}

async function prefillSteps(
  config: Mamba2Config,
  weights: LayerBuffers,
  scratch: Scratch,
  context: StepContext,
  layer: number,
): Promise<Step[]> {
  const { pipelines, layout, run, hiddenRows } = context;
  const { dModel, dInner, dConv, nHeads, normEpsilon: epsilon, dtLimit } = config;
  const { inProj, outProj, norm, gatedNorm, filters, head } = weights;
  const { normedRows, projectedRows, xbcRows, yRows, dt, cumA, products, chunkStates } = scratch;
  const { channels } = layout;
  const { ssm, kept } = statePlaces(layout);
  const stride = dInner + channels + nHeads;
  const conv = { channels, width: dConv, xFrom: dInner, xStride: stride, kept };
  const convBuffers = [projectedRows, filters, xbcRows, run];
  const steps = await Promise.all([
    pipelines.step(rmsNorm(dModel, epsilon), [hiddenRows, norm, normedRows]),
    matrixSteps(context, inProj, normedRows, projectedRows),
    pipelines.step(causalConv1d(conv), convBuffers, layer),
    pipelines.step(keepInputs(conv), convBuffers, layer),
    pipelines.step(ssdChunkCumsum({ nHeads, dtFrom: dInner + channels, stride, dtLimit }), [
      projectedRows,
      head,
      dt,
      cumA,
      run,
    ]),
    pipelines.step(ssdChunkProducts(config), [xbcRows, products, run]),
    pipelines.step(ssdChunkState(config), [xbcRows, dt, cumA, chunkStates, run]),
    pipelines.step(ssdStatePassing(config, ssm), [cumA, chunkStates, run], layer),
    pipelines.step(ssdChunkScan(config), [
      xbcRows,
      dt,
      cumA,
      products,
      chunkStates,
      head,
      yRows,
      run,
    ]),
    pipelines.step(gatedRmsNorm(gatedNormShape(config)), [yRows, projectedRows, gatedNorm]),
    matrixSteps(context, outProj, yRows, hiddenRows, { isAdded: true }),
  ]);
  return steps.flat();
}

function gatedNormShape(config: Mamba2Config): GatedRmsNormShape {
  const { dInner, dState, nHeads, nGroups, normEpsilon: epsilon, normBeforeGate } = config;
  const zStride = 2 * dInner + 2 * nGroups * dState + nHeads;
  return { width: dInner, groups: nGroups, zStride, epsilon, normBeforeGate };
}

import { causalConv1d, keepInputs } from '../../../kernels/causal_conv1d/causal_conv1d';
import { linearConvUpdate } from '../../../kernels/causal_conv1d_update/linear_conv_update';
import { gatedRmsNorm } from '../../../kernels/gated_rms_norm/gated_rms_norm';
import { parts } from '../../../kernels/lib/kernelSpec';
import { SSD_CHUNK } from '../../../kernels/lib/ssd_kernel_shape';
import { linearMatrix } from '../../../kernels/linear/linear_matrix';
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
import { weightBuffers, type LayerSteps, type StepContext } from './modelSteps';
import type { Step } from './pipelines';

/** Uploads the blocks of a Mamba-2 and makes their steps: three dispatches a layer in decode. */
export function mamba2Steps(
  { config, layers }: Mamba2Weights,
  context: StepContext,
): Promise<LayerSteps[]> {
  const scratch = createScratch(config, context);
  return Promise.all(
    layers.map(async (layer, i) => {
      const weights = uploadLayer(layer, i, context);
      const [decode, prefill] = await Promise.all([
        decodeSteps(config, weights, scratch, context, i),
        prefillSteps(config, weights, scratch, context, i),
      ]);
      return { decode, prefill };
    }),
  );
}

type Scratch = ReturnType<typeof createScratch>;
type LayerBuffers = ReturnType<typeof uploadLayer>;

/** Buffers that every layer writes before it reads them. */
function createScratch(config: Mamba2Config, { gpu, layout, maxChunkTokens }: StepContext) {
  const { dModel, dInner, dState, nHeads, nGroups } = config;
  const numbers = (count: number, label: string) => gpu.storage(count * 4, label);
  const width = dInner + layout.channels + nHeads;
  const chunks = parts(maxChunkTokens, SSD_CHUNK);
  return {
    projected: numbers(width, 'projected'),
    y: numbers(dInner, 'y'),
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

function uploadLayer(layer: Mamba2Layer, index: number, { gpu }: StepContext) {
  const label = (name: string) => `layer ${String(index)} ${name}`;
  const head = new Float32Array(layer.aLog.length * 4);
  layer.aLog.forEach((aLog, k) => {
    head.set([-Math.exp(aLog), layer.d[k] ?? 0, layer.dtBias[k] ?? 0], 4 * k);
  });
  return {
    inProj: uploadMatrix(gpu, layer.inProj, label('in_proj')),
    outProj: uploadMatrix(gpu, layer.outProj, label('out_proj')),
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
  const { dInner, dConv, nGroups, normEpsilon: epsilon } = config;
  const { inProj, outProj, norm, gatedNorm, filters, head } = weights;
  const { channels, convAt } = layout;
  const convolved = { from: dInner, channels, width: dConv, convAt };
  return Promise.all([
    pipelines.step(
      linearConvUpdate(inProj.shape, { groups: 1, epsilon }, convolved, threads),
      [...weightBuffers(inProj), hidden, norm, projected, filters],
      layer,
    ),
    pipelines.step(ssdStateUpdate(config, 0), [projected, head, y], layer),
    pipelines.step(
      linearVector(outProj.shape, { norm: { groups: nGroups, epsilon }, isAdded: true, threads }),
      [...weightBuffers(outProj), y, gatedNorm, hidden],
    ),
  ]);
}

function prefillSteps(
  config: Mamba2Config,
  weights: LayerBuffers,
  scratch: Scratch,
  { pipelines, layout, run, hiddenRows }: StepContext,
  layer: number,
): Promise<Step[]> {
  const { dModel, dInner, dConv, nHeads, nGroups, normEpsilon: epsilon } = config;
  const { inProj, outProj, norm, gatedNorm, filters, head } = weights;
  const { normedRows, projectedRows, xbcRows, yRows, dt, cumA, products, chunkStates } = scratch;
  const { channels, convAt } = layout;
  const stride = dInner + channels + nHeads;
  const conv = { channels, width: dConv, xFrom: dInner, xStride: stride, convAt };
  const convBuffers = [projectedRows, filters, xbcRows, run];
  return Promise.all([
    pipelines.step(rmsNorm(dModel, epsilon), [hiddenRows, norm, normedRows]),
    pipelines.step(linearMatrix(inProj.shape), [
      ...weightBuffers(inProj),
      normedRows,
      projectedRows,
      run,
    ]),
    pipelines.step(causalConv1d(conv), convBuffers, layer),
    pipelines.step(keepInputs(conv), convBuffers, layer),
    pipelines.step(ssdChunkCumsum({ nHeads, dtFrom: dInner + channels, stride }), [
      projectedRows,
      head,
      dt,
      cumA,
      run,
    ]),
    pipelines.step(ssdChunkProducts(config), [xbcRows, products, run]),
    pipelines.step(ssdChunkState(config), [xbcRows, dt, cumA, chunkStates, run]),
    pipelines.step(ssdStatePassing(config, 0), [cumA, chunkStates, run], layer),
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
    pipelines.step(gatedRmsNorm({ width: dInner, groups: nGroups, zStride: stride, epsilon }), [
      yRows,
      projectedRows,
      gatedNorm,
    ]),
    pipelines.step(linearMatrix(outProj.shape, { isAdded: true }), [
      ...weightBuffers(outProj),
      yRows,
      hiddenRows,
      run,
    ]),
  ]);
}

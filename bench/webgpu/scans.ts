import { parts, type KernelSpec } from '../../kernels/lib/kernelSpec';
import { PASS_WORDS, passWords, SSD_CHUNK, workOf } from '../../kernels/lib/pass';
import type { SsdKernelShape } from '../../kernels/lib/ssd_kernel_shape';
import { selectiveScan } from '../../kernels/selective_scan/selective_scan';
import { ssdChunkProducts } from '../../kernels/ssd_chunk_scan/ssd_chunk_products';
import { ssdChunkScan } from '../../kernels/ssd_chunk_scan/ssd_chunk_scan';
import { ssdChunkCumsum } from '../../kernels/ssd_chunk_state/ssd_chunk_cumsum';
import { ssdChunkState } from '../../kernels/ssd_chunk_state/ssd_chunk_state';
import { ssdSelectiveScan } from '../../kernels/ssd_selective_scan/ssd_selective_scan';
import { ssdStatePassing } from '../../kernels/ssd_state_passing/ssd_state_passing';
import type { GpuContext } from '../../model-runtime/engines/webgpu/gpuContext';
import { Pipelines, record, type Step } from '../../model-runtime/engines/webgpu/pipelines';
import { GpuTimer } from './gpuTimer';
import { SHIPPED_SSD } from './shippedSizes';

export interface ScanResult {
  tokens: number;
  dState: number;
  chunkedUs: number;
  /** The Mamba-2 recurrence token by token; absent where its kernel has no threads for the state. */
  tokenByTokenUs: number | undefined;
  /** Mamba-1 of the same width and state size. */
  selectiveScanUs: number;
}

const HEADS: Omit<SsdKernelShape, 'dState'> = SHIPPED_SSD;
const WIDTH = HEADS.nHeads * HEADS.headDim;

/** One layer's scan over `tokens` tokens of random numbers, by the device's clock. */
export async function measureScans(
  gpu: GpuContext,
  tokens: number,
  dState: number,
): Promise<ScanResult> {
  const shape = { ...HEADS, dState };
  const place = { at: 0, stride: 0 };
  const pipelines = new Pipelines(gpu);
  const chunks = parts(tokens, SSD_CHUNK);
  const channels = WIDTH + 2 * dState;
  const random = (count: number) =>
    gpu.upload(
      Float32Array.from({ length: count }, () => Math.random() - 0.5),
      'random',
    );
  const run = gpu.uniform(PASS_WORDS * 4, 'pass');
  gpu.write(run, passWords([tokens]));
  const head = gpu.upload(
    Float32Array.from({ length: 4 * HEADS.nHeads }, (_, i) => [-1 - i / 10, 1, -4, 0][i % 4] ?? 0),
    'head',
  );
  const xbc = random(tokens * channels);
  const raw = random(tokens * HEADS.nHeads);
  const y = gpu.storage(tokens * WIDTH * 4, 'y');
  const dt = gpu.storage(chunks * HEADS.nHeads * SSD_CHUNK * 4, 'dt');
  const cumA = gpu.storage(dt.size, 'cumA');
  const products = gpu.storage(chunks * SSD_CHUNK ** 2 * 4, 'products');
  const states = gpu.storage(chunks * WIDTH * dState * 4, 'states');
  const state = stateOf(gpu, WIDTH * dState * 4, pipelines);
  const step = (spec: KernelSpec, buffers: GPUBuffer[]) =>
    pipelines.step(spec, buffers, spec.usesState ? 0 : undefined);

  const chunked = await Promise.all([
    step(
      ssdChunkCumsum({
        nHeads: HEADS.nHeads,
        dtFrom: 0,
        stride: HEADS.nHeads,
        dtLimit: [0, Infinity],
      }),
      [raw, head, dt, cumA, run],
    ),
    step(ssdChunkProducts(shape), [xbc, products, run]),
    step(ssdChunkState(shape), [xbc, dt, cumA, states, run]),
    step(ssdStatePassing(shape, place), [cumA, states, run]),
    step(ssdChunkScan(shape), [xbc, dt, cumA, products, states, head, y, run]),
  ]);
  const low = random(tokens * (2 * dState + 1));
  const selective = await step(selectiveScan({ dInner: WIDTH, dState, dtRank: 1 }, place), [
    random(tokens * WIDTH),
    random(tokens * WIDTH),
    low,
    random(2 * WIDTH),
    gpu.upload(new Float32Array(WIDTH * dState).fill(-1), 'A'),
    random(tokens * 2 * WIDTH),
    y,
    run,
  ]);
  const timer = new GpuTimer(gpu);
  const time = (steps: Step[]) =>
    timer.medianUs((pass) => {
      record(pass, steps, state, workOf([tokens]));
    });
  const chunkedUs = await time(chunked);
  const tokenByTokenUs =
    dState <= 128
      ? await time([await step(ssdSelectiveScan(shape, 0), [xbc, dt, head, y, run])])
      : undefined;
  return { tokens, dState, chunkedUs, tokenByTokenUs, selectiveScanUs: await time([selective]) };
}

function stateOf(gpu: GpuContext, sizeBytes: number, { stateLayout: layout }: Pipelines) {
  const buffer = gpu.storage(sizeBytes, 'state');
  const bindings = gpu.device.createBindGroup({
    layout,
    entries: [{ binding: 0, resource: { buffer } }],
  });
  return [bindings];
}

import type { Dispatch, KernelSpec } from '../../kernels/lib/kernelSpec';
import { workOf } from '../../kernels/lib/pass';
import type { GpuContext } from '../../model-runtime/engines/webgpu/gpuContext';
import { Pipelines, record } from '../../model-runtime/engines/webgpu/pipelines';
import { GpuTimer } from './gpuTimer';
import code from './peaks.wgsl';

/** Of rounds of eight fours, each a multiplication and an addition. */
const FLOPS_A_THREAD = 1024 * 8 * 4 * 2;
const ARITHMETIC_WORKGROUPS = 132 * 64;
const READING_WORKGROUPS = 132 * 16;

/** What this device gives to f32 arithmetic and to reading memory, measured. */
export async function measurePeaks(gpu: GpuContext, sizeBytes = 2 ** 30) {
  const data = gpu.storage(sizeBytes, 'data');
  const out = gpu.storage(16, 'out');
  const pipelines = new Pipelines(gpu);
  const timer = new GpuTimer(gpu);
  const time = async (name: string, groups: Dispatch) => {
    const spec: KernelSpec = {
      name,
      code,
      bindings: ['read', 'write'],
      usesState: false,
      overrides: name === 'peak_read' ? { COUNT: sizeBytes / 16 } : {},
      dispatch: () => groups,
    };
    const steps = [await pipelines.step(spec, [data, out])];
    return timer.medianUs((pass) => {
      record(pass, steps, [], workOf([1]));
    });
  };
  const arithmeticUs = await time('peak_fma', [ARITHMETIC_WORKGROUPS, 1, 1]);
  const readingUs = await time('peak_read', [READING_WORKGROUPS, 1, 1]);
  data.destroy();
  const flops = ARITHMETIC_WORKGROUPS * 256 * FLOPS_A_THREAD;
  return { gflops: flops / arithmeticUs / 1e3, gigabytesPerSecond: sizeBytes / readingUs / 1e3 };
}

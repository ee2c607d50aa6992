import type { KernelSpec } from '../../kernels/lib/kernelSpec';
import { PASS_WORDS, passWords, workOf } from '../../kernels/lib/pass';
import type { MatrixFormat } from '../../kernels/linear/matrix_shape';
import type { WeightRows } from '../../kernels/linear/linear.reference';
import { quantizeInt4 } from '../../kernels/linear/quantize_int4';
import {
  openGpu,
  type GpuContext,
  type OpenGpuOptions,
} from '../../model-runtime/engines/webgpu/gpuContext';
import { uploadMatrix, type GpuMatrix } from '../../model-runtime/engines/webgpu/gpuMatrix';
import { Pipelines, record } from '../../model-runtime/engines/webgpu/pipelines';
import { quantize } from '../../model-runtime/model/quantize';
import { createRandom, uniform } from './random';

/** Numbers that f32 holds exactly, as the kernels get them. */
export function f32(length: number, low: number, high: number, seed: number): Float64Array {
  return uniform(createRandom(seed), length, low, high).map(Math.fround);
}

/** A device on which single kernels run; the specs say what is bound. */
export class GpuKernels {
  private readonly pipelines: Pipelines;

  private constructor(readonly gpu: GpuContext) {
    this.pipelines = new Pipelines(gpu);
  }

  static async open(options: OpenGpuOptions = {}): Promise<GpuKernels> {
    return new GpuKernels(await openGpu({ ...options, allowsSoftware: true }));
  }

  floats(values: ArrayLike<number>): GPUBuffer {
    return this.gpu.upload(Float32Array.from(values), 'input');
  }

  ids(values: ArrayLike<number>): GPUBuffer {
    return this.gpu.upload(Uint32Array.from(values), 'ids');
  }

  /** Filled with NaN: what is not written shows. */
  space(length: number): GPUBuffer {
    return this.floats(new Float32Array(length).fill(NaN));
  }

  /** The uniform `Pass` of sequences of these lengths. */
  run(...lengths: number[]): GPUBuffer {
    const buffer = this.gpu.uniform(PASS_WORDS * 4, 'pass');
    this.gpu.write(buffer, passWords(lengths));
    return buffer;
  }

  /** Runs one kernel after the other on sequences of these lengths; `state` is group 1 of those that use one. */
  async dispatch(
    calls: [KernelSpec, GPUBuffer[]][],
    lengths: number | readonly number[],
    state?: GPUBuffer,
  ): Promise<void> {
    await this.gpu.checked(async () => {
      const steps = await Promise.all(
        calls.map(([spec, buffers]) =>
          this.pipelines.step(spec, buffers, spec.usesState ? 0 : undefined),
        ),
      );
      const layout = this.pipelines.stateLayout;
      const groups = state
        ? [
            this.gpu.device.createBindGroup({
              layout,
              entries: [{ binding: 0, resource: { buffer: state } }],
            }),
          ]
        : [];
      const encoder = this.gpu.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      record(pass, steps, groups, workOf([lengths].flat()));
      pass.end();
      this.gpu.device.queue.submit([encoder.finish()]);
    });
    this.gpu.throwIfFailed();
  }

  async read(buffer: GPUBuffer, length: number): Promise<Float32Array> {
    const staging = this.gpu.staging(buffer.size, 'result');
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.gpu.device.queue.submit([encoder.finish()]);
    const bytes = await this.gpu.read(staging, buffer.size);
    staging.destroy();
    return new Float32Array(bytes).subarray(0, length);
  }

  /** Random weights of a format, for the reference and in GPU memory. */
  matrix(
    rows: number,
    cols: number,
    format: MatrixFormat,
    seed: number,
  ): GpuMatrix & { truth: WeightRows } {
    const values = Float32Array.from(f32(rows * cols, -1, 1, seed));
    const dense = { kind: 'f32' as const, rows, cols, values };
    if (format === 'f32') return { ...uploadMatrix(this.gpu, dense, 'weights'), truth: dense };
    const int8 = quantize(values, rows, cols);
    if (format === 'int8') return { ...uploadMatrix(this.gpu, int8, 'weights'), truth: int8 };
    const truth = quantizeInt4(int8);
    return { ...uploadMatrix(this.gpu, truth, 'weights', { isInt4: true }), truth };
  }
}

/** `[rows, cols]` to `[cols, rows]`, in each of the parts that `values` consists of. */
export function turned(values: ArrayLike<number>, rows: number, cols: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const part = i - (i % (rows * cols));
    const within = i - part;
    out[part + (within % cols) * rows + Math.floor(within / cols)] = values[i];
  }
  return out;
}

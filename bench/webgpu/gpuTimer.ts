import { BufferUsage } from '../../model-runtime/engines/webgpu/bufferUsage';
import type { GpuContext } from '../../model-runtime/engines/webgpu/gpuContext';
import { spreadOf } from '../statistics';

/** A GPU that has rested runs slowly at first. */
const WARM_UP_MS = 60;

/** Times what runs between the start and the end of a compute pass, by the device's own clock. */
export class GpuTimer {
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(private readonly gpu: GpuContext) {
    this.queries = gpu.device.createQuerySet({ type: 'timestamp', count: 2 });
    const { queryResolve, copySource } = BufferUsage;
    this.resolved = gpu.device.createBuffer({ size: 16, usage: queryResolve | copySource });
    this.staging = gpu.staging(16, 'timestamps');
  }

  /** Median of `rounds` passes in microseconds, after WARM_UP_MS of passes that are not counted. */
  async medianUs(recordPass: (pass: GPUComputePassEncoder) => void, rounds = 9): Promise<number> {
    const start = performance.now();
    do await this.once(recordPass);
    while (performance.now() - start < WARM_UP_MS);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await this.once(recordPass));
    return spreadOf(times).median;
  }

  private async once(recordPass: (pass: GPUComputePassEncoder) => void): Promise<number> {
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet: this.queries,
        beginningOfPassWriteIndex: 0,
        endOfPassWriteIndex: 1,
      },
    });
    recordPass(pass);
    pass.end();
    encoder.resolveQuerySet(this.queries, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    const [start = 0n, end = 0n] = new BigUint64Array(await this.gpu.read(this.staging, 16));
    return Number(end - start) / 1000;
  }
}

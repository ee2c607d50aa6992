import { RuntimeError } from '../../protocol/errors';
import { BufferUsage, MAP_MODE_READ } from './bufferUsage';
import { openAdapter, unavailable, type OpenAdapterOptions } from './openAdapter';
import type { Products } from './products';

const WANTED_FEATURES: GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];
/** Of WebGPU's limits, those that a large model or a long chunk needs more of than the default. */
const WANTED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/** A device, its buffers, and what has gone wrong on it. Whoever opened it disposes it. */
export class GpuContext {
  private failure: RuntimeError | undefined;
  private isDisposed = false;

  constructor(
    readonly device: GPUDevice,
    readonly adapterName: string,
    readonly isSoftware: boolean,
    /** Threads of a subgroup where all have as many, are numbered and may be used. */
    readonly subgroupSize: number | undefined,
    /** In what shaders may multiply. */
    readonly products: readonly Products[],
  ) {
    device.addEventListener('uncapturederror', (event) => {
      this.fail(errorOf(event.error));
    });
    void device.lost.then(({ message }) => {
      if (!this.isDisposed) this.fail(new RuntimeError('deviceLost', lostMessage(message)));
    });
  }

  /** Sorted, for people. */
  get features(): string[] {
    return [...this.device.features].sort();
  }

  /** Throws the first thing that went wrong: after it nothing on the device can be relied on. */
  throwIfFailed(): void {
    if (this.isDisposed) throw new RuntimeError('internal', 'The engine was used after disposal.');
    if (this.failure) throw this.failure;
  }

  storage(sizeBytes: number, label: string): GPUBuffer {
    const { storage, copySource, copyDestination } = BufferUsage;
    return this.device.createBuffer({
      label,
      size: Math.max(16, Math.ceil(sizeBytes / 16) * 16),
      usage: storage | copySource | copyDestination,
    });
  }

  /** A storage buffer with a copy of `data`. */
  upload(data: ArrayBufferView<ArrayBuffer>, label: string): GPUBuffer {
    const buffer = this.storage(data.byteLength, label);
    this.write(buffer, data);
    return buffer;
  }

  /** Copies `data` to the start of `buffer`; WebGPU copies whole words. */
  write(buffer: GPUBuffer, data: ArrayBufferView<ArrayBuffer>): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const isWhole = bytes.length % 4 === 0;
    const words = isWhole ? bytes : new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    if (!isWhole) words.set(bytes);
    this.device.queue.writeBuffer(buffer, 0, words);
  }

  uniform(sizeBytes: number, label: string): GPUBuffer {
    const { uniform, copyDestination } = BufferUsage;
    return this.device.createBuffer({ label, size: sizeBytes, usage: uniform | copyDestination });
  }

  /** A buffer to copy results into and read them from. */
  staging(sizeBytes: number, label: string): GPUBuffer {
    const { mapRead, copyDestination } = BufferUsage;
    return this.device.createBuffer({ label, size: sizeBytes, usage: mapRead | copyDestination });
  }

  /** Waits for what was submitted and returns a copy of the first `sizeBytes` bytes of a staging buffer. */
  async read(staging: GPUBuffer, sizeBytes: number): Promise<ArrayBuffer> {
    try {
      await staging.mapAsync(MAP_MODE_READ, 0, sizeBytes);
    } catch (error) {
      this.throwIfFailed();
      throw new RuntimeError('deviceLost', lostMessage(String(error)), { cause: error });
    }
    const copy = staging.getMappedRange(0, sizeBytes).slice(0);
    staging.unmap();
    this.throwIfFailed();
    return copy;
  }

  /** Runs `create` and throws what the device objects to: `outOfMemory`, or `engineUnavailable` for a driver that refuses a kernel. */
  async checked<T>(create: () => Promise<T>): Promise<T> {
    this.throwIfFailed();
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    try {
      return await create();
    } catch (error) {
      throw error instanceof RuntimeError ? error : errorOf(error);
    } finally {
      const invalid = await this.device.popErrorScope();
      const exhausted = await this.device.popErrorScope();
      const first = exhausted ?? invalid;
      if (first) this.fail(errorOf(first));
    }
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.device.destroy();
  }

  private fail(error: RuntimeError): void {
    this.failure ??= error;
  }
}

export interface OpenGpuOptions extends OpenAdapterOptions {
  /** Does without subgroups: for tests and measurements. */
  avoidsSubgroups?: boolean;
}

/** Throws `engineUnavailable`. */
export async function openGpu(options: OpenGpuOptions = {}): Promise<GpuContext> {
  const { adapter, name, isSoftware, languageFeatures } = await openAdapter(options);
  const requiredLimits = Object.fromEntries(
    WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]),
  );
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  // Without subgroups' numbers it is unknown which threads are one; see lib/reduce_subgroups.wgsl.
  const subgroupSize =
    options.avoidsSubgroups || !languageFeatures.has('subgroup_id')
      ? undefined
      : fixedSubgroupSize(adapter);
  try {
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    const products: Products[] = ['f32'];
    if (languageFeatures.has('packed_4x8_integer_dot_product')) products.push('packed');
    if (device.features.has('shader-f16')) products.push('f16');
    return new GpuContext(device, name, isSoftware, subgroupSize, products);
  } catch (error) {
    throw unavailable(`The GPU ${name} could not be opened: ${String(error)}.`, error);
  }
}

function fixedSubgroupSize({ features, info }: GPUAdapter): number | undefined {
  const { subgroupMinSize, subgroupMaxSize } = info;
  return features.has('subgroups') && subgroupMinSize === subgroupMaxSize
    ? subgroupMinSize
    : undefined;
}

function lostMessage(detail: string): string {
  return `The GPU was lost: ${detail || 'no reason given'}. Completion goes on with the cpu engine; the GPU is tried again at the next start.`;
}

function errorOf(error: unknown): RuntimeError {
  const message = error instanceof Object && 'message' in error ? String(error.message) : '';
  const name = error instanceof Object ? error.constructor.name : '';
  if (name === 'GPUOutOfMemoryError') {
    return new RuntimeError(
      'outOfMemory',
      `The GPU has too little memory: ${message}. Choose the cpu engine in the settings.`,
      { cause: error },
    );
  }
  return unavailable(`The GPU refused a command: ${message || String(error)}.`, error);
}

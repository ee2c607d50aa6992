import type { Tensor } from 'onnxruntime-node';
import type { ModelConfig } from '../../model/config';
import { runFailure, type OnnxRuntime } from './onnxSession';
import { layerStateShape, sizeOf, stateNames } from './stateLayout';

/** One sequence's states as tensors over one block of memory. Never written while more than one owner holds it. */
export class StateTensors {
  /** By the graph's input names. */
  readonly inputs: Record<string, Tensor> = {};
  /** The same tensors by the graph's output names. */
  readonly outputs: Record<string, Tensor> = {};
  private owners = 1;

  constructor(
    readonly memory: Float32Array<ArrayBuffer>,
    private readonly pool: StatePool,
  ) {}

  retain(): this {
    this.owners++;
    return this;
  }

  release(): void {
    this.owners--;
    if (this.owners === 0) this.pool.takeBack(this);
    if (this.owners < 0) throw new RangeError('A state was released twice.');
  }

  /** Called by the pool when it hands freed tensors out again. */
  reuse(): this {
    this.owners = 1;
    return this;
  }
}

/** Keeps a few freed states for the next step, which writes into memory that nobody holds. */
export class StatePool {
  readonly sizeBytes: number;
  private readonly shape;
  private readonly free: StateTensors[] = [];

  constructor(
    private readonly ort: OnnxRuntime,
    private readonly config: ModelConfig,
    private readonly maxFree: number,
  ) {
    this.shape = layerStateShape(config);
    const numbers = sizeOf(this.shape.conv) + sizeOf(this.shape.ssm);
    this.sizeBytes = numbers * config.nLayer * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Tensors with undefined contents and one owner. Throws `outOfMemory`. */
  acquire(): StateTensors {
    return this.free.pop()?.reuse() ?? this.allocate();
  }

  acquireZeros(): StateTensors {
    const tensors = this.acquire();
    tensors.memory.fill(0);
    return tensors;
  }

  takeBack(tensors: StateTensors): void {
    if (this.free.length < this.maxFree) this.free.push(tensors);
  }

  clear(): void {
    this.free.length = 0;
  }

  private allocate(): StateTensors {
    const tensors = new StateTensors(this.allocateMemory(), this);
    const { memory } = tensors;
    let offset = 0;
    const next = (shape: number[]): Tensor => {
      const view = memory.subarray(offset, offset + sizeOf(shape));
      offset += view.length;
      return new this.ort.Tensor('float32', view, shape);
    };
    for (let layer = 0; layer < this.config.nLayer; layer++) {
      const names = stateNames(layer);
      const conv = next(this.shape.conv);
      const ssm = next(this.shape.ssm);
      tensors.inputs[names.conv] = tensors.outputs[names.nextConv] = conv;
      tensors.inputs[names.ssm] = tensors.outputs[names.nextSsm] = ssm;
    }
    return tensors;
  }

  private allocateMemory(): Float32Array<ArrayBuffer> {
    try {
      return new Float32Array(this.sizeBytes / Float32Array.BYTES_PER_ELEMENT);
    } catch (error) {
      throw runFailure('keeping the state of a document', error);
    }
  }
}

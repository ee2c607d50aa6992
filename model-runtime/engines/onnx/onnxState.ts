import type { ModelConfig } from '../../model/config';
import { RuntimeError } from '../../protocol/errors';
import type { LayerState, RecurrentState, StateSnapshot } from '../engine';
import { layerStateShape, sizeOf, stateNames } from './stateLayout';
import type { StatePool, StateTensors } from './statePool';

/**
 * Shares the tensors of the state it was taken from: a step never writes into tensors that it reads, so taking and
 * restoring copy nothing.
 */
export class OnnxStateSnapshot implements StateSnapshot {
  private tensors: StateTensors | undefined;

  constructor(
    tensors: StateTensors,
    readonly pool: StatePool,
  ) {
    this.tensors = tensors.retain();
  }

  /** Counted in full even while the live state still shares the memory. */
  get sizeBytes(): number {
    return this.pool.sizeBytes;
  }

  /** The tensors with one more owner. */
  share(): StateTensors {
    if (this.tensors === undefined) {
      throw new RuntimeError('internal', 'A disposed snapshot cannot be restored.');
    }
    return this.tensors.retain();
  }

  dispose(): void {
    this.tensors?.release();
    this.tensors = undefined;
  }
}

/** The live state: the tensors that the next step reads. */
export class OnnxRecurrentState implements RecurrentState {
  private tensors: StateTensors | undefined;

  constructor(
    readonly pool: StatePool,
    private readonly config: ModelConfig,
  ) {
    this.tensors = pool.acquireZeros();
  }

  get sizeBytes(): number {
    return this.pool.sizeBytes;
  }

  get current(): StateTensors {
    if (this.tensors === undefined) {
      throw new RuntimeError('internal', 'The recurrent state was used after it was disposed.');
    }
    return this.tensors;
  }

  /** Takes over `next` and gives the current tensors up. */
  advance(next: StateTensors): void {
    const previous = this.current;
    this.tensors = next;
    previous.release();
  }

  snapshot(): OnnxStateSnapshot {
    return new OnnxStateSnapshot(this.current, this.pool);
  }

  restore(snapshot: StateSnapshot): void {
    if (!(snapshot instanceof OnnxStateSnapshot) || snapshot.pool !== this.pool) {
      throw new RuntimeError(
        'internal',
        'A snapshot can only be restored by the engine that made it.',
      );
    }
    this.advance(snapshot.share());
  }

  reset(): void {
    this.advance(this.pool.acquireZeros());
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- only a GPU has to wait.
  async exportLayer(layer: number): Promise<LayerState> {
    const names = stateNames(layer);
    const conv = this.layerMemory(names.conv).slice();
    const ssm = this.layerMemory(names.ssm);
    if (this.config.architecture === 'mamba1') return { conv, ssm: ssm.slice() };
    return { conv, ssm: swapKeysAndValues(ssm, layerStateShape(this.config).ssm) };
  }

  dispose(): void {
    this.tensors?.release();
    this.tensors = undefined;
  }

  private layerMemory(name: string): Float32Array {
    const data = this.current.inputs[name]?.data;
    if (!(data instanceof Float32Array)) {
      throw new RuntimeError('internal', `The model has no state ${name}.`);
    }
    return data;
  }
}

/** `[1, H, N, P]` to `[H, P, N]`. */
function swapKeysAndValues(ssm: Float32Array, shape: number[]): Float32Array {
  const [, heads = 0, keys = 0, values = 0] = shape;
  const swapped = new Float32Array(sizeOf(shape));
  for (let head = 0; head < heads; head++) {
    const start = head * keys * values;
    for (let n = 0; n < keys; n++) {
      for (let p = 0; p < values; p++) {
        swapped[start + p * keys + n] = ssm[start + n * values + p] ?? 0;
      }
    }
  }
  return swapped;
}

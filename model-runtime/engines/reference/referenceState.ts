import type { ModelConfig } from '../../model/config';
import { RuntimeError } from '../../protocol/errors';
import type { LayerState, RecurrentState, StateSnapshot } from '../engine';

/** One layer's state in f64, in the layout of `LayerState`. */
export interface LayerBuffers {
  conv: Float64Array;
  ssm: Float64Array;
}

/** Numbers in one layer's conv and ssm state. */
export function layerStateSizes(config: ModelConfig): { conv: number; ssm: number } {
  const { dInner, dState, dConv } = config;
  // Mamba-2 sends B and C through the convolution too.
  const channels = config.architecture === 'mamba2' ? dInner + 2 * config.nGroups * dState : dInner;
  return { conv: channels * (dConv - 1), ssm: dInner * dState };
}

class ReferenceSnapshot implements StateSnapshot {
  readonly sizeBytes: number;
  #layers: readonly LayerBuffers[] | undefined;

  constructor(layers: readonly LayerBuffers[]) {
    this.#layers = copyLayers(layers);
    this.sizeBytes = sizeInBytes(layers);
  }

  get layers(): readonly LayerBuffers[] {
    if (this.#layers === undefined) throw misuse('A snapshot was restored after its disposal.');
    return this.#layers;
  }

  dispose(): void {
    this.#layers = undefined;
  }
}

/** The state of one sequence: per layer a conv and an ssm state in f64. */
export class ReferenceState implements RecurrentState {
  readonly sizeBytes: number;
  readonly layers: readonly LayerBuffers[];

  constructor(config: ModelConfig) {
    const { conv, ssm } = layerStateSizes(config);
    this.layers = Array.from({ length: config.nLayer }, () => ({
      conv: new Float64Array(conv),
      ssm: new Float64Array(ssm),
    }));
    this.sizeBytes = sizeInBytes(this.layers);
  }

  snapshot(): StateSnapshot {
    return new ReferenceSnapshot(this.layers);
  }

  restore(snapshot: StateSnapshot): void {
    if (!(snapshot instanceof ReferenceSnapshot) || snapshot.sizeBytes !== this.sizeBytes) {
      throw misuse('A snapshot was restored into a state of another engine.');
    }
    for (const [i, { conv, ssm }] of snapshot.layers.entries()) {
      this.layers[i]?.conv.set(conv);
      this.layers[i]?.ssm.set(ssm);
    }
  }

  reset(): void {
    for (const { conv, ssm } of this.layers) {
      conv.fill(0);
      ssm.fill(0);
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- only a GPU has to wait.
  async exportLayer(layer: number): Promise<LayerState> {
    const buffers = this.layers[layer];
    if (buffers === undefined) throw misuse(`There is no layer ${layer}.`);
    return { conv: Float32Array.from(buffers.conv), ssm: Float32Array.from(buffers.ssm) };
  }

  dispose(): void {
    // The buffers are ordinary memory; nothing to give back.
  }
}

function copyLayers(layers: readonly LayerBuffers[]): LayerBuffers[] {
  return layers.map(({ conv, ssm }) => ({ conv: conv.slice(), ssm: ssm.slice() }));
}

function sizeInBytes(layers: readonly LayerBuffers[]): number {
  return layers.reduce((sum, { conv, ssm }) => sum + conv.byteLength + ssm.byteLength, 0);
}

function misuse(message: string): RuntimeError {
  return new RuntimeError('internal', `${message} This is a bug; please report it.`);
}

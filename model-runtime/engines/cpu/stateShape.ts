import type { ModelConfig } from '../../model/config';
import type { LayerState } from '../engine';

/** One layer's states in the shared memory: conv `[W - 1, C]`, then ssm in strips (ssd_state_update.as.ts) or fours. */
export interface StateShape {
  channels: number;
  keptInputs: number;
  /** Mamba-2: heads, else groups of four channels. */
  parts: number;
  /** Numbers a part has beside each other for one n, and how many such strips. */
  stripWidth: number;
  strips: number;
  dState: number;
  convBytes: number;
  layerBytes: number;
  /** All layers. */
  sizeBytes: number;
}

export function layerStateShape(config: ModelConfig): StateShape {
  const { dInner, dState, dConv, nLayer } = config;
  const isMamba1 = config.architecture === 'mamba1';
  const channels = isMamba1 ? dInner : dInner + 2 * config.nGroups * dState;
  const partWidth = isMamba1 ? 4 : config.headDim;
  const stripWidth = partWidth % 16 === 0 ? 16 : 4;
  const convBytes = Math.ceil((channels * (dConv - 1) * 4) / 64) * 64;
  const layerBytes = Math.ceil((convBytes + dInner * dState * 4) / 64) * 64;
  return {
    channels,
    keptInputs: dConv - 1,
    parts: dInner / partWidth,
    stripWidth,
    strips: partWidth / stripWidth,
    dState,
    convBytes,
    layerBytes,
    sizeBytes: layerBytes * nLayer,
  };
}

/** One layer's states, given as they lie in memory, in the canonical layout. */
export function exportState(shape: StateShape, conv: Float32Array, ssm: Float32Array): LayerState {
  const { channels, keptInputs, stripWidth, dState } = shape;
  const canonicalConv = new Float32Array(conv.length);
  for (let w = 0; w < keptInputs; w++) {
    for (let c = 0; c < channels; c++) {
      canonicalConv[c * keptInputs + w] = conv[w * channels + c] ?? 0;
    }
  }
  // [strip, n, lane] to [strip, lane, n], whether a strip belongs to a head or to four channels.
  const canonicalSsm = new Float32Array(ssm.length);
  const stripSize = stripWidth * dState;
  for (let i = 0; i < ssm.length; i++) {
    const strip = Math.floor(i / stripSize);
    const n = Math.floor((i % stripSize) / stripWidth);
    const lane = i % stripWidth;
    canonicalSsm[strip * stripSize + lane * dState + n] = ssm[i] ?? 0;
  }
  return { conv: canonicalConv, ssm: canonicalSsm };
}

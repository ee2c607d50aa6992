import type { ModelConfig } from '../../model/config';
import type { LayerState } from '../engine';

/** Offsets of storage buffers are multiples of this on every device. */
const OFFSET_ALIGNMENT = 256;

/** Where the numbers of one layer's state lie in a state buffer: ssm first, then conv. */
export interface StateLayout {
  /** Mamba-2 `[nHeads, dState, headDim]`; Mamba-1 is one head of dInner channels. */
  heads: number;
  headDim: number;
  dState: number;
  /** Convolved channels and kept inputs: `[kept, channels]`, oldest first. */
  channels: number;
  kept: number;
  /** Numbers before the kept inputs. */
  convAt: number;
  /** Bytes from one layer to the next. */
  layerStride: number;
  sizeBytes: number;
}

export function stateLayout(config: ModelConfig): StateLayout {
  const { dInner, dState, dConv, nLayer } = config;
  const isMamba1 = config.architecture === 'mamba1';
  const channels = isMamba1 ? dInner : dInner + 2 * config.nGroups * dState;
  const kept = dConv - 1;
  const convAt = dInner * dState;
  const bytes = (convAt + channels * kept) * Float32Array.BYTES_PER_ELEMENT;
  const layerStride = Math.ceil(bytes / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
  return {
    heads: isMamba1 ? 1 : config.nHeads,
    headDim: isMamba1 ? dInner : config.headDim,
    dState,
    channels,
    kept,
    convAt,
    layerStride,
    sizeBytes: layerStride * nLayer,
  };
}

/** One layer as it lies in the buffer, in the canonical layout. */
export function exportState(layout: StateLayout, values: Float32Array): LayerState {
  const { heads, headDim, dState, channels, kept, convAt } = layout;
  const ssm = new Float32Array(convAt);
  for (let k = 0; k < heads; k++) {
    transpose(values, ssm, k * dState * headDim, dState, headDim);
  }
  const conv = new Float32Array(channels * kept);
  transpose(values.subarray(convAt), conv, 0, kept, channels);
  return { conv, ssm };
}

/** `[rows, cols]` at `start` of `from` to `[cols, rows]` at the same place of `to`. */
function transpose(
  from: Float32Array,
  to: Float32Array,
  start: number,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      to[start + c * rows + r] = from[start + r * cols + c] ?? 0;
    }
  }
}

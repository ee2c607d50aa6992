import type { ModelConfig } from '../../model/config';

/** Shapes of one layer's states as the graph's operators keep them, batch first. */
export interface LayerStateShape {
  /** com.microsoft.CausalConvWithState: `[1, channels, dConv - 1]`, oldest input first. */
  conv: number[];
  /** com.microsoft.LinearAttention: `[1, heads, keys, values]`; Mamba-2 `[1, H, N, P]`, Mamba-1 `[1, D, N, 1]`. */
  ssm: number[];
}

/** Every layer of a model has the same shapes. */
export function layerStateShape(config: ModelConfig): LayerStateShape {
  if (config.architecture === 'mamba1') {
    return {
      conv: [1, config.dInner, config.dConv - 1],
      ssm: [1, config.dInner, config.dState, 1],
    };
  }
  return {
    conv: [1, config.dInner + 2 * config.nGroups * config.dState, config.dConv - 1],
    ssm: [1, config.nHeads, config.dState, config.headDim],
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Names of one layer's state values in the graph. */
export function stateNames(layer: number) {
  return {
    conv: `conv.${layer}`,
    ssm: `ssm.${layer}`,
    nextConv: `conv.${layer}.next`,
    nextSsm: `ssm.${layer}.next`,
  };
}

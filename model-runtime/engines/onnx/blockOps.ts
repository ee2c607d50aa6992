import type { ModelConfig } from '../../model/config';
import type { GraphBuilder, Value } from './graphBuilder';
import type { Arithmetic } from './matrixOps';
import { DataType } from './onnxSchema';
import { layerStateShape, stateNames } from './stateLayout';

/** What every part of a layer needs to add its nodes. */
export interface LayerContext<Config extends ModelConfig = ModelConfig> {
  g: GraphBuilder;
  config: Config;
  layer: number;
  arithmetic: Arithmetic;
}

/** Symbolic number of tokens read. */
export const TOKENS = 'T';

/** Name of a layer's weight, after state-spaces/mamba. */
export function weightName(layer: number, name: string): string {
  return `layers.${layer}.${name}`;
}

export function silu(g: GraphBuilder, x: Value): Value {
  return g.contribOp('QuickGelu', [x], { alpha: { float: 1 } });
}

/** Scales the last axis to unit root mean square, times `weight`. */
export function rmsNorm(g: GraphBuilder, x: Value, weight: Value, epsilon: number): Value {
  return g.op('SimplifiedLayerNormalization', [x, weight], {
    axis: -1,
    epsilon: { float: epsilon },
    stash_type: DataType.float,
  });
}

/** silu(causal_conv1d(x) + bias) over `[1, T, channels]`; reads and advances the layer's conv state. */
export function causalConv(
  { g, config, layer }: LayerContext,
  x: Value,
  weight: Float32Array,
  bias: Float32Array,
): Value {
  const names = stateNames(layer);
  const shape = layerStateShape(config).conv;
  const channels = bias.length;
  g.input(names.conv, DataType.float, shape);
  g.output(names.nextConv, DataType.float, shape);
  const kernel = g.floats(weightName(layer, 'conv1d.weight'), [channels, 1, config.dConv], weight);
  const offset = g.floats(weightName(layer, 'conv1d.bias'), [channels], bias);
  const channelsFirst = g.op('Transpose', [x], { perm: [0, 2, 1] });
  const convolved = g.temporary();
  g.contribNode(
    'CausalConvWithState',
    [channelsFirst, kernel, offset, names.conv],
    [convolved, names.nextConv],
    { activation: 'none', ndim: 1 },
  );
  // The operator's own silu calls exp for each number; this one is vectorised.
  return silu(g, g.op('Transpose', [convolved], { perm: [0, 2, 1] }));
}

/**
 * The selective state space recurrence: S = exp(logDecay) S + B ⊗ value, y = C S, per head; `[1, T, heads * P]`.
 * Reads and advances the layer's ssm state. B and C are `[1, T, groups * N]`, `value` is `[1, T, heads * P]` and
 * `logDecay` is `[1, T, heads]`, or `[1, T, heads * N]` where each state element decays at its own rate.
 */
export function selectiveScan(
  { g, config, layer }: LayerContext,
  inputs: { B: Value; C: Value; value: Value; logDecay: Value; groups: number; heads: number },
): Value {
  const names = stateNames(layer);
  const shape = layerStateShape(config).ssm;
  g.input(names.ssm, DataType.float, shape);
  g.output(names.nextSsm, DataType.float, shape);
  const y = g.temporary();
  g.contribNode(
    'LinearAttention',
    [inputs.C, inputs.B, inputs.value, names.ssm, inputs.logDecay],
    [y, names.nextSsm],
    {
      update_rule: 'gated',
      q_num_heads: inputs.groups,
      kv_num_heads: inputs.heads,
      scale: { float: 1 },
    },
  );
  return y;
}

/** A = -exp(aLog). */
export function decayRates(aLog: Float32Array): Float32Array {
  return aLog.map((value) => -Math.exp(value));
}

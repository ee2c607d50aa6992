import type { Mamba2Config } from '../../model/config';
import type { Mamba2Layer } from '../../model/weights';
import {
  causalConv,
  decayRates,
  rmsNorm,
  selectiveScan,
  silu,
  weightName,
  type LayerContext,
} from './blockOps';
import type { GraphBuilder, Value } from './graphBuilder';
import { linearWithBias } from './matrixOps';

/** One Mamba-2 block over the normed residual stream `[1, T, dModel]`, before the residual sum. */
export function mamba2Block(
  context: LayerContext<Mamba2Config>,
  h: Value,
  weights: Mamba2Layer,
): Value {
  const { g, config, layer, arithmetic } = context;
  const { dInner, dState, nHeads, headDim, nGroups } = config;
  const name = (suffix: string) => weightName(layer, suffix);
  const groupSize = nGroups * dState;

  const projected = linearWithBias(
    g,
    h,
    name('in_proj'),
    weights.inProj,
    weights.inProjBias,
    arithmetic,
  );
  const [z = '', xBC = '', dtRaw = ''] = g.split(projected, [
    dInner,
    dInner + 2 * groupSize,
    nHeads,
  ]);
  const convolved = causalConv(context, xBC, weights.convWeight, weights.convBias);
  const [x = '', B = '', C = ''] = g.split(convolved, [dInner, groupSize, groupSize]);

  const dtBias = g.floats(name('dt_bias'), [nHeads], weights.dtBias);
  const dt = clamp(g, g.op('Softplus', [g.op('Add', [dtRaw, dtBias])]), config);
  const A = g.floats(name('A'), [nHeads], decayRates(weights.aLog));
  const xHeads = g.reshape(x, [1, -1, nHeads, headDim]);
  const dtX = g.op('Mul', [xHeads, g.op('Unsqueeze', [dt, g.constant([3])])]);
  const scanned = selectiveScan(context, {
    B,
    C,
    value: g.reshape(dtX, [1, -1, dInner]),
    logDecay: g.op('Mul', [dt, A]),
    groups: nGroups,
    heads: nHeads,
  });
  const D = g.floats(name('D'), [dInner], perChannel(weights.d, headDim));
  const y = g.op('Add', [scanned, g.op('Mul', [x, D])]);
  const gate = silu(g, z);
  const gated = config.normBeforeGate
    ? g.op('Mul', [groupNorm(context, y, weights.gatedNorm), gate])
    : groupNorm(context, g.op('Mul', [y, gate]), weights.gatedNorm);
  return linearWithBias(
    g,
    gated,
    name('out_proj'),
    weights.outProj,
    weights.outProjBias,
    arithmetic,
  );
}

/** dt within the model's limits; no node where there are none. */
function clamp(g: GraphBuilder, dt: Value, { dtLimit: [min, max] }: Mamba2Config): Value {
  const scalar = (value: number) => g.floats(`dt_limit.${value}`, [1], Float32Array.of(value));
  const raised = min > 0 ? g.op('Max', [dt, scalar(min)]) : dt;
  return max < Infinity ? g.op('Min', [raised, scalar(max)]) : raised;
}

/** `[nHeads]` to `[nHeads * headDim]`. */
function perChannel(values: Float32Array, headDim: number): Float32Array {
  return Float32Array.from({ length: values.length * headDim }, (_, channel) => {
    return values[Math.floor(channel / headDim)] ?? 0;
  });
}

/** The norm of RMSNormGated of state-spaces/mamba: each group is normed by itself. */
function groupNorm(
  { g, config, layer }: LayerContext<Mamba2Config>,
  x: Value,
  weight: Float32Array,
): Value {
  const { dInner, nGroups, normEpsilon } = config;
  const name = weightName(layer, 'norm.weight');
  if (nGroups === 1) return rmsNorm(g, x, g.floats(name, [dInner], weight), normEpsilon);
  const perGroup = dInner / nGroups;
  const ones = g.floats(`${name}.ones`, [perGroup], new Float32Array(perGroup).fill(1));
  const grouped = g.reshape(x, [1, -1, nGroups, perGroup]);
  const normed = rmsNorm(g, grouped, ones, normEpsilon);
  const scaled = g.op('Mul', [normed, g.floats(name, [nGroups, perGroup], weight)]);
  return g.reshape(scaled, [1, -1, dInner]);
}

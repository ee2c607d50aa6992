import type { Mamba1Config } from '../../model/config';
import type { Mamba1Layer } from '../../model/weights';
import {
  causalConv,
  decayRates,
  selectiveScan,
  silu,
  weightName,
  type LayerContext,
} from './blockOps';
import type { Value } from './graphBuilder';
import { linear, linearWithBias } from './matrixOps';

/**
 * One Mamba-1 block over the normed residual stream `[1, T, dModel]`, before the residual sum.
 * Each channel is a head of one value that decays at its own rate for each state element.
 */
export function mamba1Block(
  context: LayerContext<Mamba1Config>,
  h: Value,
  weights: Mamba1Layer,
): Value {
  const { g, config, layer, arithmetic } = context;
  const { dInner, dState, dtRank } = config;
  const name = (suffix: string) => weightName(layer, suffix);

  const projected = linearWithBias(
    g,
    h,
    name('in_proj'),
    weights.inProj,
    weights.inProjBias,
    arithmetic,
  );
  const [xRaw = '', z = ''] = g.split(projected, [dInner, dInner]);
  const x = causalConv(context, xRaw, weights.convWeight, weights.convBias);
  const dtBC = linear(g, x, name('x_proj'), weights.xProj, arithmetic);
  const [dtLow = '', B = '', C = ''] = g.split(dtBC, [dtRank, dState, dState]);

  const dtRaw = linear(g, dtLow, name('dt_proj'), weights.dtProj, arithmetic);
  const dtBias = g.floats(name('dt_bias'), [dInner], weights.dtBias);
  const dt = g.op('Softplus', [g.op('Add', [dtRaw, dtBias])]);
  const A = g.floats(name('A'), [dInner, dState], decayRates(weights.aLog));
  const logDecay = g.op('Mul', [g.op('Unsqueeze', [dt, g.constant([3])]), A]);
  const scanned = selectiveScan(context, {
    B,
    C,
    value: g.op('Mul', [x, dt]),
    logDecay: g.reshape(logDecay, [1, -1, dInner * dState]),
    groups: 1,
    heads: dInner,
  });
  const D = g.floats(name('D'), [dInner], weights.d);
  const y = g.op('Add', [scanned, g.op('Mul', [x, D])]);
  const gated = g.op('Mul', [y, silu(g, z)]);
  return linearWithBias(
    g,
    gated,
    name('out_proj'),
    weights.outProj,
    weights.outProjBias,
    arithmetic,
  );
}

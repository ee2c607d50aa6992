import { causalConv1dReference } from '../../../kernels/causal_conv1d/causal_conv1d.reference';
import { silu, softplus } from '../../../kernels/lib/activations';
import { linearReference } from '../../../kernels/linear/linear.reference';
import { rmsNormReference } from '../../../kernels/rms_norm/rms_norm.reference';
import { selectiveScanReference } from '../../../kernels/selective_scan/selective_scan.reference';
import type { Mamba1Config } from '../../model/config';
import type { Mamba1Layer } from '../../model/weights';
import { columns } from './columns';
import type { LayerBuffers } from './referenceState';

/**
 * What one Mamba-1 block adds to the residual stream `h` [L, dModel]; advances `state`. Returns [L, dModel].
 * Source: Mamba paper, figure 3 and Algorithm 2; mamba_ssm modules/mamba_simple.py.
 */
export function mamba1Block(
  h: Float64Array,
  layer: Mamba1Layer,
  config: Mamba1Config,
  state: LayerBuffers,
): Float64Array {
  const { dInner, dState, dtRank, normEpsilon } = config;
  const projected = linearReference(
    layer.inProj,
    rmsNormReference(h, layer.norm, normEpsilon),
    layer.inProjBias,
  );
  const x = causalConv1dReference(
    columns(projected, 2 * dInner, 0, dInner),
    { weight: layer.convWeight, bias: layer.convBias },
    state.conv,
  );
  const z = columns(projected, 2 * dInner, dInner, 2 * dInner);

  const dtBC = linearReference(layer.xProj, x);
  const width = dtRank + 2 * dState;
  const dt = linearReference(layer.dtProj, columns(dtBC, width, 0, dtRank)).map((value, i) =>
    softplus(value + (layer.dtBias[i % dInner] ?? 0)),
  );
  const y = selectiveScanReference(
    {
      x,
      dt,
      B: columns(dtBC, width, dtRank, dtRank + dState),
      C: columns(dtBC, width, dtRank + dState, width),
    },
    { A: Float64Array.from(layer.aLog, (aLog) => -Math.exp(aLog)), D: layer.d },
    state.ssm,
  );
  return linearReference(
    layer.outProj,
    y.map((value, i) => value * silu(z[i] ?? 0)),
    layer.outProjBias,
  );
}

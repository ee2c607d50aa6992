import { causalConv1dReference } from '../../../kernels/causal_conv1d/causal_conv1d.reference';
import { gatedRmsNormReference } from '../../../kernels/gated_rms_norm/gated_rms_norm.reference';
import { softplus } from '../../../kernels/lib/activations';
import { linearReference } from '../../../kernels/linear/linear.reference';
import { rmsNormReference } from '../../../kernels/rms_norm/rms_norm.reference';
import { ssdSelectiveScanReference } from '../../../kernels/ssd_selective_scan/ssd_selective_scan.reference';
import type { Mamba2Config } from '../../model/config';
import type { Mamba2Layer } from '../../model/weights';
import { columns } from './columns';
import type { LayerBuffers } from './referenceState';

/**
 * What one Mamba-2 block adds to the residual stream `h` [L, dModel]; advances `state`. Returns [L, dModel].
 * Source: Mamba-2 paper, figure 6; mamba_ssm modules/mamba2.py.
 */
export function mamba2Block(
  h: Float64Array,
  layer: Mamba2Layer,
  config: Mamba2Config,
  state: LayerBuffers,
): Float64Array {
  const { dInner, dState, nGroups, nHeads, normEpsilon } = config;
  const groupWidth = nGroups * dState;
  const channels = dInner + 2 * groupWidth;
  const width = dInner + channels + nHeads;

  const projected = linearReference(
    layer.inProj,
    rmsNormReference(h, layer.norm, normEpsilon),
    layer.inProjBias,
  );
  const z = columns(projected, width, 0, dInner);
  const xBC = causalConv1dReference(
    columns(projected, width, dInner, dInner + channels),
    { weight: layer.convWeight, bias: layer.convBias },
    state.conv,
  );
  const [dtMin, dtMax] = config.dtLimit;
  const dt = columns(projected, width, dInner + channels, width).map((value, i) =>
    Math.min(Math.max(softplus(value + (layer.dtBias[i % nHeads] ?? 0)), dtMin), dtMax),
  );
  const y = ssdSelectiveScanReference(
    {
      x: columns(xBC, channels, 0, dInner),
      dt,
      B: columns(xBC, channels, dInner, dInner + groupWidth),
      C: columns(xBC, channels, dInner + groupWidth, channels),
    },
    { A: Float64Array.from(layer.aLog, (aLog) => -Math.exp(aLog)), D: layer.d, nGroups },
    state.ssm,
  );
  const gated = gatedRmsNormReference(
    y,
    z,
    layer.gatedNorm,
    nGroups,
    normEpsilon,
    config.normBeforeGate,
  );
  return linearReference(layer.outProj, gated, layer.outProjBias);
}

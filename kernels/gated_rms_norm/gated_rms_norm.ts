import activations from '../lib/activations.wgsl';
import { join, type KernelSpec } from '../lib/kernelSpec';
import { NORM_WORKGROUP } from '../rms_norm/rms_norm';
import code from './gated_rms_norm.wgsl';

export interface GatedRmsNormShape {
  /** All groups. */
  width: number;
  groups: number;
  /** Numbers from one token's gates to the next. */
  zStride: number;
  epsilon: number;
  /** Normalises what is not gated yet. */
  normBeforeGate?: boolean;
}

/** Bindings: y [L, width] (becomes the result), z [L, zStride], weight [width]. */
export function gatedRmsNorm(shape: GatedRmsNormShape): KernelSpec {
  const { width, groups, zStride, epsilon, normBeforeGate = false } = shape;
  return {
    name: 'gated_rms_norm',
    code: join(activations, code),
    reduces: true,
    bindings: ['write', 'read', 'read'],
    usesState: false,
    overrides: {
      WIDTH: width / groups,
      GROUPS: groups,
      Z_STRIDE: zStride,
      EPSILON: epsilon,
      NORM_FIRST: Number(normBeforeGate),
      WG: NORM_WORKGROUP,
    },
    dispatch: ({ tokens }) => [tokens, groups, 1],
  };
}

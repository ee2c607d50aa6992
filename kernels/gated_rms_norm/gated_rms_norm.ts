import activations from '../lib/activations.wgsl';
import { join, type KernelSpec } from '../lib/kernelSpec';
import code from './gated_rms_norm.wgsl';

export interface GatedRmsNormShape {
  /** All groups. */
  width: number;
  groups: number;
  /** Numbers from one token's gates to the next. */
  zStride: number;
  epsilon: number;
}

/** Bindings: y [L, width] (becomes the result), z [L, zStride], weight [width]. */
export function gatedRmsNorm({ width, groups, zStride, epsilon }: GatedRmsNormShape): KernelSpec {
  return {
    name: 'gated_rms_norm',
    code: join(activations, code),
    bindings: ['write', 'read', 'read'],
    usesState: false,
    overrides: { WIDTH: width / groups, GROUPS: groups, Z_STRIDE: zStride, EPSILON: epsilon },
    dispatch: (seqLen) => [seqLen, groups, 1],
  };
}

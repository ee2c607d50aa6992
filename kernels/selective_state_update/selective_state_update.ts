import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import code from './selective_state_update.wgsl';

/** Sizes of the Mamba-1 kernels. */
export interface SelectiveShape {
  dInner: number;
  dState: number;
  dtRank: number;
}

const WORKGROUP = 64;

export function selectiveOverrides({ dInner, dState, dtRank }: SelectiveShape, ssmAt: number) {
  return { D_INNER: dInner, D_STATE: dState, DT_RANK: dtRank, SSM_AT: ssmAt };
}

/** Bindings: projected (x | z), low | B | C, W [R, D], channel [D] (bias, D), A [N, D], y [D]; moves the state on. */
export function selectiveStateUpdate(shape: SelectiveShape, ssmAt: number): KernelSpec {
  return {
    name: 'selective_state_update',
    code: join(activations, code),
    bindings: ['read', 'read', 'read', 'read', 'read', 'write'],
    usesState: true,
    overrides: { ...selectiveOverrides(shape, ssmAt), WG: WORKGROUP },
    dispatch: () => [parts(shape.dInner, WORKGROUP), 1, 1],
  };
}

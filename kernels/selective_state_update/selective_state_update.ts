import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import code from './selective_state_update.wgsl';

/** Sizes of the Mamba-1 kernels. */
export interface SelectiveShape {
  dInner: number;
  dState: number;
  dtRank: number;
}

const WORKGROUP = 64;

export function selectiveOverrides(
  { dInner, dState, dtRank }: SelectiveShape,
  { at, stride }: StatePlace,
) {
  return {
    D_INNER: dInner,
    D_STATE: dState,
    DT_RANK: dtRank,
    SSM_AT: at,
    STATE_STRIDE: stride,
  };
}

/** Bindings: projected [S] (x | z), low | B | C [S], W [R, D], channel [D] (bias, D), A [N, D], y [S, D]; moves the states on. */
export function selectiveStateUpdate(shape: SelectiveShape, place: StatePlace): KernelSpec {
  return {
    name: 'selective_state_update',
    code: join(activations, code),
    bindings: ['read', 'read', 'read', 'read', 'read', 'write'],
    usesState: true,
    overrides: { ...selectiveOverrides(shape, place), WG: WORKGROUP },
    dispatch: ({ sequences }) => [parts(shape.dInner, WORKGROUP), sequences, 1],
  };
}

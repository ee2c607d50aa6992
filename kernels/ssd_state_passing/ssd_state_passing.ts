import { parts, type KernelSpec } from '../lib/kernelSpec';
import type { SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_state_passing.wgsl';

const WORKGROUP = 256;

/** Bindings: cumA, states [chunks, H, N, P] (become the chunks' initial states), Pass; moves the state on. */
export function ssdStatePassing(shape: SsdKernelShape, ssmAt: number): KernelSpec {
  const headState = shape.dState * shape.headDim;
  return {
    name: 'ssd_state_passing',
    code,
    bindings: ['read', 'write', 'uniform'],
    usesState: true,
    overrides: { HEADS: shape.nHeads, HEAD_STATE: headState, SSM_AT: ssmAt, WG: WORKGROUP },
    dispatch: () => [parts(shape.nHeads * headState, WORKGROUP), 1, 1],
  };
}

import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import { stateOverrides, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_state_passing.wgsl';

const WORKGROUP = 256;

/** Bindings: cumA, states [chunks, H, N, P] (become the chunks' initial states), Pass; moves the states on. */
export function ssdStatePassing(shape: SsdKernelShape, place: StatePlace): KernelSpec {
  const headState = shape.dState * shape.headDim;
  return {
    name: 'ssd_state_passing',
    code: join(pass, code),
    bindings: ['read', 'write', 'uniform'],
    usesState: true,
    overrides: {
      HEADS: shape.nHeads,
      HEAD_STATE: headState,
      ...stateOverrides(place),
      WG: WORKGROUP,
    },
    dispatch: ({ sequences }) => [parts(shape.nHeads * headState, WORKGROUP), sequences, 1],
  };
}

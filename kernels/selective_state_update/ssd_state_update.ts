import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import { ssdOverrides, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_state_update.wgsl';

const WORKGROUP = 256;
const LANES = 16;

/** Bindings: projected (z | x | B | C | dt), head [H] (A, D, bias, -), y [H, P]; moves the state on. */
export function ssdStateUpdate(shape: SsdKernelShape, ssmAt: number): KernelSpec {
  return {
    name: 'ssd_state_update',
    code: join(activations, code),
    bindings: ['read', 'read', 'write'],
    usesState: true,
    overrides: { ...ssdOverrides(shape), SSM_AT: ssmAt, WG: WORKGROUP, LANES },
    dispatch: () => [parts(shape.headDim, LANES), shape.nHeads, 1],
  };
}

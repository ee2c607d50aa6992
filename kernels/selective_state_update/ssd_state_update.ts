import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import { ssdOverrides, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_state_update.wgsl';

/** Threads of a workgroup, and how many channels it has; the others share the sums over n. */
export interface StateThreads {
  workgroup: number;
  lanes: number;
}

/** Measured on one NVIDIA GPU; see docs/webgpu-engine.md. */
const STATE_THREADS: StateThreads = { workgroup: 256, lanes: 8 };

/** Bindings: projected (z | x | B | C | dt), head [H] (A, D, bias, -), y [H, P]; moves the state on. */
export function ssdStateUpdate(
  shape: SsdKernelShape,
  ssmAt: number,
  { workgroup, lanes }: StateThreads = STATE_THREADS,
): KernelSpec {
  return {
    name: 'ssd_state_update',
    code: join(activations, code),
    bindings: ['read', 'read', 'write'],
    usesState: true,
    overrides: { ...ssdOverrides(shape), SSM_AT: ssmAt, WG: workgroup, LANES: lanes },
    dispatch: () => [parts(shape.headDim, lanes), shape.nHeads, 1],
  };
}

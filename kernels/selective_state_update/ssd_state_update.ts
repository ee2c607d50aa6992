import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import {
  ssdOverrides,
  stateOverrides,
  stepOverrides,
  type SsdKernelShape,
  type StepLimits,
} from '../lib/ssd_kernel_shape';
import code from './ssd_state_update.wgsl';

/** Threads of a workgroup, and how many channels it has; the others share the sums over n. */
export interface StateThreads {
  workgroup: number;
  lanes: number;
}

/** What some models do otherwise. */
export interface SsdStepOptions {
  dtLimit: StepLimits;
  /** Whether y is gated here; not where the norm comes before the gate. */
  isGated: boolean;
}

/** Measured on one NVIDIA GPU; see docs/webgpu-engine.md. */
const STATE_THREADS: StateThreads = { workgroup: 256, lanes: 8 };

/** Bindings: projected [S] (z | x | B | C | dt), head [H] (A, D, bias, -), y [S, H, P]; moves the states on. */
export function ssdStateUpdate(
  shape: SsdKernelShape,
  place: StatePlace,
  { dtLimit, isGated }: SsdStepOptions,
  { workgroup, lanes }: StateThreads = STATE_THREADS,
): KernelSpec {
  return {
    name: 'ssd_state_update',
    code: join(activations, code),
    bindings: ['read', 'read', 'write'],
    usesState: true,
    overrides: {
      ...ssdOverrides(shape),
      ...stateOverrides(place),
      ...stepOverrides(dtLimit),
      GATED: Number(isGated),
      WG: workgroup,
      LANES: lanes,
    },
    dispatch: ({ sequences }) => [parts(shape.headDim, lanes), shape.nHeads, sequences],
  };
}

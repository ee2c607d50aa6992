import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import {
  selectiveOverrides,
  type SelectiveShape,
} from '../selective_state_update/selective_state_update';
import code from './selective_scan.wgsl';

const MAX_WORKGROUP = 256;
const MAX_LANES = 16;
/** Tokens between two barriers. */
const BLOCK = 8;

/** Largest dState that a workgroup has a thread for. */
export const MAX_SELECTIVE_SCAN_STATES = MAX_WORKGROUP;

/** Bindings: x, raw [L, D], low | B | C [L, R + 2 N], channel [D] (bias, D), A [N, D], projected (x | z), y, Pass. */
export function selectiveScan(shape: SelectiveShape, place: StatePlace): KernelSpec {
  const lanes = Math.min(MAX_LANES, Math.floor(MAX_WORKGROUP / shape.dState));
  const workgroup = lanes * shape.dState;
  return {
    name: 'selective_scan',
    code: join(pass, activations, code),
    bindings: ['read', 'read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    usesState: true,
    overrides: {
      ...selectiveOverrides(shape, place),
      LANES: lanes,
      WG: workgroup,
      KEPT: BLOCK * workgroup,
    },
    dispatch: ({ sequences }) => [parts(shape.dInner, lanes), sequences, 1],
  };
}

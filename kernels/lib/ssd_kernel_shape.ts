import { join, type StatePlace } from './kernelSpec';
import pass from './pass.wgsl';
import ssdTile from './ssd_tile.wgsl';

/** Sizes of the Mamba-2 kernels; a row of xbc is x | B | C. */
export interface SsdKernelShape {
  nHeads: number;
  headDim: number;
  dState: number;
  nGroups: number;
}

/** The overrides that lib/ssd_tile.wgsl and the recurrences share. */
export function ssdOverrides({ nHeads, headDim, dState, nGroups }: SsdKernelShape) {
  return { HEADS: nHeads, HEAD_DIM: headDim, D_STATE: dState, GROUPS: nGroups };
}

/** `code` behind the shared tile product. */
export function withSsdTile(code: string): string {
  return join(pass, ssdTile, code);
}

/** Where the recurrent states are. */
export function stateOverrides({ at, stride }: StatePlace) {
  return { SSM_AT: at, STATE_STRIDE: stride };
}

/** The steps dt after softplus are held between these. */
export type StepLimits = readonly [min: number, max: number];

/** Larger than any step: WGSL has no infinity. */
const LARGEST_F32 = 3.4028234663852886e38;

export function stepOverrides([min, max]: StepLimits) {
  return { DT_MIN: min, DT_MAX: Math.min(max, LARGEST_F32) };
}

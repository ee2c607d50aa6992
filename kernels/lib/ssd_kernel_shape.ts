import ssdTile from './ssd_tile.wgsl';
import { join } from './kernelSpec';

/** Sizes of the Mamba-2 kernels; a row of xbc is x | B | C. */
export interface SsdKernelShape {
  nHeads: number;
  headDim: number;
  dState: number;
  nGroups: number;
}

/** Tokens of a chunk: a workgroup's tile has as many rows. */
export const SSD_CHUNK = 64;

/** The overrides that lib/ssd_tile.wgsl and the recurrences share. */
export function ssdOverrides({ nHeads, headDim, dState, nGroups }: SsdKernelShape) {
  return { HEADS: nHeads, HEAD_DIM: headDim, D_STATE: dState, GROUPS: nGroups };
}

/** `code` behind the shared tile product. */
export function withSsdTile(code: string): string {
  return join(ssdTile, code);
}

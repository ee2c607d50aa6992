import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import { SSD_CHUNK } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_cumsum.wgsl';

export interface ChunkCumsumShape {
  nHeads: number;
  /** First column of the raw steps, and numbers from one token to the next. */
  dtFrom: number;
  stride: number;
}

/** Bindings: raw [L, stride], head [H] (A, D, bias, -), dt and cumA [chunks, H, 64], Pass. */
export function ssdChunkCumsum({ nHeads, dtFrom, stride }: ChunkCumsumShape): KernelSpec {
  return {
    name: 'ssd_chunk_cumsum',
    code: join(activations, code),
    bindings: ['read', 'read', 'write', 'write', 'uniform'],
    usesState: false,
    overrides: { HEADS: nHeads, DT_FROM: dtFrom, STRIDE: stride },
    dispatch: (seqLen) => [parts(seqLen, SSD_CHUNK), nHeads, 1],
  };
}

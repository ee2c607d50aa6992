import activations from '../lib/activations.wgsl';
import { join, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import { stepOverrides, type StepLimits } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_cumsum.wgsl';

export interface ChunkCumsumShape {
  nHeads: number;
  /** First column of the raw steps, and numbers from one token to the next. */
  dtFrom: number;
  stride: number;
  dtLimit: StepLimits;
}

/** Bindings: raw [L, stride], head [H] (A, D, bias, -), dt and cumA [chunks, H, 64], Pass. */
export function ssdChunkCumsum(shape: ChunkCumsumShape): KernelSpec {
  const { nHeads, dtFrom, stride, dtLimit } = shape;
  return {
    name: 'ssd_chunk_cumsum',
    code: join(pass, activations, code),
    bindings: ['read', 'read', 'write', 'write', 'uniform'],
    usesState: false,
    overrides: { HEADS: nHeads, DT_FROM: dtFrom, STRIDE: stride, ...stepOverrides(dtLimit) },
    dispatch: ({ chunks }) => [chunks, nHeads, 1],
  };
}

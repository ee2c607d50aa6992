import { parts, type KernelSpec } from '../lib/kernelSpec';
import { ssdOverrides, withSsdTile, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_state.wgsl';

/** Bindings: xbc, dt, cumA, states [chunks, H, N, P], Pass. */
export function ssdChunkState(shape: SsdKernelShape): KernelSpec {
  const tiles = parts(shape.dState, 64) * parts(shape.headDim, 64);
  return {
    name: 'ssd_chunk_state',
    code: withSsdTile(code),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    usesState: false,
    overrides: ssdOverrides(shape),
    dispatch: ({ chunks }) => [chunks, shape.nHeads, tiles],
  };
}

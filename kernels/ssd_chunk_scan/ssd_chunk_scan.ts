import { parts, type KernelSpec } from '../lib/kernelSpec';
import { ssdOverrides, withSsdTile, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_scan.wgsl';

/** Bindings: xbc, dt, cumA, products, initial [chunks, H, N, P], head [H] (A, D, bias, -), y [L, H, P], Pass. */
export function ssdChunkScan(shape: SsdKernelShape): KernelSpec {
  return {
    name: 'ssd_chunk_scan',
    code: withSsdTile(code),
    bindings: ['read', 'read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    usesState: false,
    overrides: ssdOverrides(shape),
    dispatch: ({ chunks }) => [chunks, shape.nHeads, parts(shape.headDim, 64)],
  };
}

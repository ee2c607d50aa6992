import type { KernelSpec } from '../lib/kernelSpec';
import { ssdOverrides, withSsdTile, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_products.wgsl';

/** Bindings: xbc, products [chunks, G, 64, 64] by B and C, Pass. */
export function ssdChunkProducts(shape: SsdKernelShape): KernelSpec {
  return {
    name: 'ssd_chunk_products',
    code: withSsdTile(code),
    bindings: ['read', 'write', 'uniform'],
    usesState: false,
    overrides: ssdOverrides(shape),
    dispatch: ({ chunks }) => [chunks, shape.nGroups, 1],
  };
}

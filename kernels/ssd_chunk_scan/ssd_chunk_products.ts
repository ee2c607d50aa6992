import { parts, type KernelSpec } from '../lib/kernelSpec';
import { SSD_CHUNK, ssdOverrides, withSsdTile, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_chunk_products.wgsl';

/** Bindings: xbc, products [chunks, G, 64, 64], Pass. */
export function ssdChunkProducts(shape: SsdKernelShape): KernelSpec {
  return {
    name: 'ssd_chunk_products',
    code: withSsdTile(code),
    bindings: ['read', 'write', 'uniform'],
    usesState: false,
    overrides: ssdOverrides(shape),
    dispatch: (seqLen) => [parts(seqLen, SSD_CHUNK), shape.nGroups, 1],
  };
}

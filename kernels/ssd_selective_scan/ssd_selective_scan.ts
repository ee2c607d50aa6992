import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import { ssdOverrides, type SsdKernelShape } from '../lib/ssd_kernel_shape';
import code from './ssd_selective_scan.wgsl';

/** Bindings: xbc, dt [chunks, H, 64], head [H] (A, D, bias, -), y [L, H, P], Pass; moves the state on. dState <= 128. */
export function ssdSelectiveScan(shape: SsdKernelShape, ssmAt: number): KernelSpec {
  return {
    name: 'ssd_selective_scan',
    code: join(pass, code),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    usesState: true,
    overrides: { ...ssdOverrides(shape), SSM_AT: ssmAt },
    dispatch: () => [parts(shape.headDim, 16), shape.nHeads, 1],
  };
}

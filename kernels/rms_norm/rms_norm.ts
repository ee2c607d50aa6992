import type { KernelSpec } from '../lib/kernelSpec';
import code from './rms_norm.wgsl';

/** Bindings: x [L, width], weight [width], y [L, width]. */
export function rmsNorm(width: number, epsilon: number): KernelSpec {
  return {
    name: 'rms_norm',
    code,
    bindings: ['read', 'read', 'write'],
    usesState: false,
    overrides: { WIDTH: width, EPSILON: epsilon },
    dispatch: (seqLen) => [seqLen, 1, 1],
  };
}

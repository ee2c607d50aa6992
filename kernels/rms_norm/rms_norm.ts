import type { KernelSpec } from '../lib/kernelSpec';
import code from './rms_norm.wgsl';

/** Threads of a row; measured on one NVIDIA GPU. */
export const NORM_WORKGROUP = 128;

/** Bindings: x [L, width], weight [width], y [L, width]. */
export function rmsNorm(width: number, epsilon: number): KernelSpec {
  return {
    name: 'rms_norm',
    code,
    reduces: true,
    bindings: ['read', 'read', 'write'],
    usesState: false,
    overrides: { WIDTH: width, EPSILON: epsilon, WG: NORM_WORKGROUP },
    dispatch: ({ tokens }) => [tokens, 1, 1],
  };
}

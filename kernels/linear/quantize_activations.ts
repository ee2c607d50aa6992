import { parts, join, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import code from './quantize_activations.wgsl';

const WORKGROUP = 64;

/** Bindings: x [L, cols], digits [L, 2 cols] bytes, scales [L, cols / 32], Pass. `cols` is a multiple of 32. */
export function quantizeActivations(cols: number): KernelSpec {
  return {
    name: 'quantize_activations',
    code: join(pass, code),
    bindings: ['read', 'write', 'write', 'uniform'],
    usesState: false,
    overrides: { COLS: cols, WG: WORKGROUP },
    dispatch: ({ tokens }) => [parts((tokens * cols) / 32, WORKGROUP), 1, 1],
  };
}

import { join, type KernelSpec } from '../lib/kernelSpec';
import pass from '../lib/pass.wgsl';
import code from './halve_activations.wgsl';

/** Bindings: x [L, cols], half [L, cols] f16, scale [L], Pass. `cols` is a multiple of 4. */
export function halveActivations(cols: number): KernelSpec {
  return {
    name: 'halve_activations',
    code: join(code, pass),
    bindings: ['read', 'write', 'write', 'uniform'],
    usesState: false,
    overrides: { COLS: cols },
    dispatch: ({ tokens }) => [tokens, 1, 1],
  };
}

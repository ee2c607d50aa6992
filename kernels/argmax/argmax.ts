import type { KernelSpec } from '../lib/kernelSpec';
import code from './argmax.wgsl';

const WORKGROUP = 256;

/** Bindings: logits [V], token [1], ring (count, then pairs of id and bits of the log-probability). */
export function argmax(vocabSize: number): KernelSpec {
  return {
    name: 'argmax',
    code,
    reduces: true,
    bindings: ['read', 'write', 'write'],
    usesState: false,
    overrides: { V: vocabSize, WG: WORKGROUP },
    dispatch: () => [1, 1, 1],
  };
}

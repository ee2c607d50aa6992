import type { KernelSpec } from '../lib/kernelSpec';
import code from './top_k_top_p_sample.wgsl';

const WORKGROUP = 256;

/** Numbers before the uniform ones: temperature, top_p, top_k. */
export const SAMPLER_HEAD = 3;

/** Bindings: logits [V], token [1], ring (count, then pairs of id and bits of the log-probability), sampler (temperature, top_p, top_k, uniform numbers). */
export function topKTopPSample(vocabSize: number): KernelSpec {
  return {
    name: 'top_k_top_p_sample',
    code,
    reduces: true,
    bindings: ['read', 'write', 'write', 'read'],
    usesState: false,
    overrides: { V: vocabSize, WG: WORKGROUP },
    dispatch: () => [1, 1, 1],
  };
}

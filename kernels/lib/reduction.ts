import { join, type KernelSpec } from './kernelSpec';
import reduce from './reduce.wgsl';
import reduceSubgroups from './reduce_subgroups.wgsl';

/** A kernel's whole code and overrides; `subgroupSize` is that of a device whose subgroups all have as many threads. */
export function withReduction(
  { code, reduces, overrides }: KernelSpec,
  subgroupSize: number | undefined,
): Pick<KernelSpec, 'code' | 'overrides'> {
  if (!reduces) return { code, overrides };
  if (subgroupSize === undefined) return { code: join(reduce, code), overrides };
  return {
    code: join(reduceSubgroups, code),
    overrides: { ...overrides, SUBGROUP: subgroupSize },
  };
}

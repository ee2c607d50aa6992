/** How a kernel uses a binding of group 0: a storage buffer to read, one to write (or both), or the uniform `Pass`. */
export type BindingAccess = 'read' | 'write' | 'uniform';

/** Workgroups in x, y and z. */
export type Dispatch = readonly [number, number, number];

/** A WGSL kernel made for given sizes: data, no GPU calls. */
export interface KernelSpec {
  /** Name of the op; also the entry point of `code`. */
  name: string;
  /** The kernel's file behind the files of `kernels/lib` that it needs. */
  code: string;
  /** Group 0 by binding number. */
  bindings: readonly BindingAccess[];
  /** Group 1 binding 0 is one layer's recurrent state, read and written. */
  usesState: boolean;
  /** Values of the `override` constants. */
  overrides: Readonly<Record<string, number>>;
  /** Workgroups for a sequence of `seqLen` tokens. */
  dispatch(seqLen: number): Dispatch;
}

/** Parts of `size` that hold `count`. */
export function parts(count: number, size: number): number {
  return Math.ceil(count / size);
}

/** One whole file after the other. */
export function join(...files: readonly string[]): string {
  return files.join('\n');
}

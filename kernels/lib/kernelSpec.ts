/** How a kernel uses a binding of group 0: a storage buffer to read, one to write (or both), or a uniform. */
export type BindingAccess = 'read' | 'write' | 'uniform';

/** Workgroups in x, y and z. */
export type Dispatch = readonly [number, number, number];

/** What one recording reads: `tokens` of `sequences`, which take `chunks` of 64. In decode each sequence has one token. */
export interface Work {
  tokens: number;
  sequences: number;
  chunks: number;
}

/** Where a kernel's numbers begin in a layer's state, and how many there are from one sequence's state to the next. */
export interface StatePlace {
  at: number;
  stride: number;
}

/** A WGSL kernel made for given sizes: data, no GPU calls. */
export interface KernelSpec {
  /** Name of the op; also the entry point of `code`. */
  name: string;
  /** The kernel's file behind the files of `kernels/lib` that it needs. */
  code: string;
  /** Its workgroups sum numbers: lib/reduce.wgsl, or lib/reduce_subgroups.wgsl where the device has them, goes in front. */
  reduces?: boolean;
  /** Group 0 by binding number. */
  bindings: readonly BindingAccess[];
  /** Group 1 binding 0 is one layer's recurrent states, read and written. */
  usesState: boolean;
  /** Values of the `override` constants. */
  overrides: Readonly<Record<string, number>>;
  dispatch(work: Work): Dispatch;
}

/** Parts of `size` that hold `count`. */
export function parts(count: number, size: number): number {
  return Math.ceil(count / size);
}

/** One whole file after the other. */
export function join(...files: readonly string[]): string {
  return files.join('\n');
}

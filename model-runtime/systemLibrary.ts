import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

let library: Koffi.LibraryHandle | undefined;

/**
 * A function of Linux's C library that Node does not offer, by its prototype, for code that does as well without it: undefined on
 * other systems, and where Koffi, which calls it, is missing. Koffi is loaded at the first call, in some 6 ms.
 */
export function systemFunction<Call>(prototype: string): Call | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    library ??= (createRequire(__filename)('koffi') as typeof Koffi).load(null);
    return library.func(prototype) as Call;
  } catch {
    return undefined;
  }
}

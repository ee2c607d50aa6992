import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

let koffi: typeof Koffi | undefined;
/** By prototype; undefined where there is no such function. */
const functions = new Map<string, unknown>();

/**
 * A function of Linux's C library that Node does not offer, by its prototype, for code that does as well without it: undefined on
 * other systems, and where Koffi, which calls it, is missing. Koffi is loaded at the first call, in some 6 ms.
 */
export function systemFunction<Call>(prototype: string): Call | undefined {
  if (!functions.has(prototype)) functions.set(prototype, find(prototype));
  return functions.get(prototype) as Call | undefined;
}

function find(prototype: string): unknown {
  if (process.platform !== 'linux') return undefined;
  try {
    koffi ??= createRequire(__filename)('koffi') as typeof Koffi;
    return koffi.load(null).func(prototype);
  } catch {
    return undefined;
  }
}

/** Where the process has `memory`, once a `systemFunction` was found. */
export function addressOf(memory: Uint8Array): bigint | undefined {
  return koffi?.address(memory);
}

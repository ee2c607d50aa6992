import { readFileSync } from 'node:fs';
import { systemFunction } from './systemLibrary';

/** What `madvise` can be told. The same on every architecture. Source: include/uapi/asm-generic/mman-common.h of Linux. */
const ADVICE = { dontNeed: 4, hugePage: 14, collapse: 25 };
/** A mapping that is only read and run, of a file: `start-end r-xp offset device inode path`. */
const CODE = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ [1-9]/gm;

type Madvise = (start: Uint8Array | bigint, sizeBytes: number | bigint, advice: number) => number;

/** Tells Linux about memory from `start` on. Nothing happens where that is not possible, as on other systems. */
export function adviseMemory(
  start: Uint8Array | bigint,
  sizeBytes: number | bigint,
  advice: keyof typeof ADVICE,
): void {
  const madvise = systemFunction<Madvise>('int madvise(void *start, size_t size, int advice)');
  madvise?.(start, sizeBytes, ADVICE[advice]);
}

/**
 * Gives back the pages of Node's and the libraries' code, most of which only loading needs. They are unchanged pages of files, so the
 * others come back from there when they are run.
 */
export function giveBackCode(): void {
  if (process.platform !== 'linux') return;
  for (const [, start, end] of readFileSync('/proc/self/maps', 'utf8').matchAll(CODE)) {
    const [from, to] = [BigInt(`0x${start}`), BigInt(`0x${end}`)];
    adviseMemory(from, to - from, 'dontNeed');
  }
}

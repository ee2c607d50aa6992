import { readFileSync } from 'node:fs';
import { addressOf } from '../../systemLibrary';
import { adviseMemory } from '../../systemMemory';

/** Who gets large pages: `always [madvise] never`, the chosen word in brackets. */
const MODE_FILE = '/sys/kernel/mm/transparent_hugepage/enabled';

export const LARGE_PAGE_BYTES = 2 ** 21;

/** For what is not written yet of `memory`, which begins at a page, and for the rest whenever Linux comes to it. */
export function askForLargePages(memory: Uint8Array): void {
  adviseMemory(memory, memory.byteLength, 'hugePage');
}

/** Bytes of `memory` before the first place for a large page. */
export function beforeLargePages(memory: Uint8Array): number {
  const beyond = Number((addressOf(memory) ?? 0n) % BigInt(LARGE_PAGE_BYTES));
  return beyond === 0 ? 0 : LARGE_PAGE_BYTES - beyond;
}

/** Moves what lies in `memory`, the place of a large page, into one, in some milliseconds. Linux before 6.1 does it in time by itself. */
export function moveToLargePage(memory: Uint8Array): void {
  adviseMemory(memory, memory.byteLength, 'collapse');
}

/** Whether Linux gives large pages only to those who ask, as Ubuntu and Fedora do. */
export function givesLargePages(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(MODE_FILE, 'utf8').includes('[madvise]');
  } catch {
    // A kernel without them, or a container that hides them.
    return false;
  }
}

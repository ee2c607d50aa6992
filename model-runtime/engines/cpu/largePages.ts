import { readFileSync } from 'node:fs';
import { adviseMemory } from '../../systemMemory';

/** Who gets large pages: `always [madvise] never`, the chosen word in brackets. */
const MODE_FILE = '/sys/kernel/mm/transparent_hugepage/enabled';

let mustAsk: boolean | undefined;

/**
 * Asks for pages of one size for `memory`, which begins and ends at a page, before anything is written there. Ubuntu and Fedora give large
 * ones only to those who ask: looking up small ones is a third of a token's time. Where it cannot be asked they stay as they are.
 */
export function askForPages(size: 'large' | 'small', memory: Uint8Array): void {
  mustAsk ??= givesLargePages();
  if (mustAsk)
    adviseMemory(memory, memory.byteLength, size === 'large' ? 'hugePage' : 'noHugePage');
}

/** Whether Linux gives large pages to those who ask. */
export function givesLargePages(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(MODE_FILE, 'utf8').includes('[madvise]');
  } catch {
    // A kernel without them, or a container that hides them.
    return false;
  }
}

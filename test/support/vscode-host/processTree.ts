import { readdirSync, readFileSync } from 'node:fs';

interface ProcessEntry {
  processId: number;
  parentId: number;
  commandLine: string[];
}

/** Processes below `rootId`, from Linux's /proc. */
export function descendants(rootId: number): ProcessEntry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found: ProcessEntry[] = [];
  const pending = [rootId];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const entry of all) {
      if (entry.parentId !== parent) continue;
      found.push(entry);
      pending.push(entry.processId);
    }
  }
  return found;
}

/** Whether the process still runs; one that ended but was not waited for counts as gone. */
export function isRunning(processId: number): boolean {
  return readProcess(processId) !== undefined;
}

/** @returns undefined when the process has ended. */
export function parentOf(processId: number): number | undefined {
  return readProcess(processId)?.parentId;
}

function readProcess(processId: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    // The name in brackets may hold anything; the fields after the last bracket are state and parent.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const commandLine = readFileSync(`/proc/${processId}/cmdline`, 'utf8').split('\0');
    return { processId, parentId: Number(parent), commandLine };
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}

import { readFileSync } from 'node:fs';

/** What Linux tells of each piece of a process's memory, several lines each. */
export function memoryMappings(process: number | 'self'): string[] {
  return readFileSync(`/proc/${process}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-)/m);
}

/** Bytes for which a process has asked Linux for large pages; whether it has some left is another matter. */
export function bytesAskedLarge(process: number | 'self'): number {
  const asked = memoryMappings(process).filter((mapping) => /^VmFlags:.* hg/m.test(mapping));
  return asked.reduce((sum, mapping) => {
    const kilobytes = /^Size:\s+(\d+) kB/m.exec(mapping)?.[1];
    return sum + Number(kilobytes) * 1024;
  }, 0);
}

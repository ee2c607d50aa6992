import { readFileSync } from 'node:fs';

/** Bytes for which a process has asked Linux for large pages; whether it has some left is another matter. */
export function bytesAskedLarge(process: number | 'self'): number {
  const mappings = readFileSync(`/proc/${process}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-)/m);
  const asked = mappings.filter((mapping) => /^VmFlags:.* hg/m.test(mapping));
  return asked.reduce((sum, mapping) => {
    const kilobytes = /^Size:\s+(\d+) kB/m.exec(mapping)?.[1];
    return sum + Number(kilobytes) * 1024;
  }, 0);
}

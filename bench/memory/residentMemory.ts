import { readFileSync } from 'node:fs';

/** What of a Linux process is in memory, in bytes. */
export interface ResidentMemory {
  total: number;
  /** Pages of files: the Node binary and libraries. Other processes may share them, and they can be dropped at any time. */
  files: number;
  /** The largest piece without a name, whose parts may be mapped differently: the memory of the cpu engine. */
  engine: number;
}

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)$/;
const FIELD = /^(Rss|Anonymous): +(\d+) kB$/;

/** From `/proc/PID/smaps`. */
export function residentMemory(pid: number): ResidentMemory {
  return sumUp(readFileSync(`/proc/${pid}/smaps`, 'utf8'));
}

export function sumUp(smaps: string): ResidentMemory {
  const sum = { total: 0, files: 0, engine: 0 };
  let end: string | undefined;
  let name: string | undefined;
  let piece = 0;
  for (const line of smaps.split('\n')) {
    const mapping = MAPPING.exec(line);
    if (mapping) {
      if (mapping[1] !== end || name !== '') piece = 0;
      [, , end, name] = mapping;
    }
    const [, field, kilobytes] = FIELD.exec(line) ?? [];
    const bytes = Number(kilobytes) * 1024;
    if (field === 'Rss') {
      sum.total += bytes;
      sum.files += bytes;
    } else if (field === 'Anonymous') {
      sum.files -= bytes;
      if (name !== '') continue;
      piece += bytes;
      sum.engine = Math.max(sum.engine, piece);
    }
  }
  return sum;
}

import { readFileSync } from 'node:fs';
import { systemFunction } from '../../systemLibrary';

/** Threads that have slept so long may be put on one core together. */
const IDLE_MS = 100;
/** Once they run, Linux moves them apart after some 50 ms. */
const HOLD_MS = 100;
/** Room for 1,024 cores, as in the C library's `cpu_set_t`. */
const MASK_BYTES = 128;
/** The place of the core among the fields after the name in `/proc/PID/task/TID/stat`. Source: proc_pid_stat(5). */
const CORE_FIELD = 36;

type Affinity = (threadId: number, sizeBytes: number, mask: Uint8Array) => number;

interface Calls {
  get: Affinity;
  set: Affinity;
}

/**
 * Wakes threads that have slept for a while on different cores. In a virtual machine Linux takes a core that the host has halted for busy, and
 * puts all that are woken together on the core of the one who wakes them; it takes 50 ms until they are moved apart, in which a
 * team of two is no faster than one. So each is held to the core where it ran last, for a moment only: then Linux is free to move it.
 */
export class ThreadPlacement {
  private readonly calls: Calls | undefined;
  private endedMs = 0;
  private held: { timer: NodeJS.Timeout; release: () => void } | undefined;

  constructor(mayHelp = isVirtualMachine()) {
    if (mayHelp) this.calls = findCalls();
  }

  /** Before threads are woken. `threadIds` are those of Linux, 0 where it is not known. */
  beforeRun(threadIds: readonly number[]): void {
    const { calls } = this;
    if (!calls || threadIds.length < 2 || performance.now() - this.endedMs < IDLE_MS) return;
    if (threadIds.includes(0)) return;
    try {
      this.spread(threadIds, calls);
    } catch {
      // A thread that is starting or ending, or a `/proc` that tells nothing: they stay where Linux puts them.
    }
  }

  afterRun(): void {
    this.endedMs = performance.now();
  }

  /** Lets Linux move the threads again: at once, as before they end. */
  letGo(): void {
    clearTimeout(this.held?.timer);
    this.held?.release();
    this.held = undefined;
  }

  private spread(threadIds: readonly number[], { get, set }: Calls): void {
    // Those of last time would be taken for where the threads may run.
    this.letGo();
    const masks = threadIds.map((id) => {
      const mask = new Uint8Array(MASK_BYTES);
      get(id, MASK_BYTES, mask);
      return { id, mask };
    });
    const allowed = masks.map(({ mask }) => coresIn(mask));
    const cores = differentCores(threadIds.map(coreOf), allowed);
    if (!cores) return;
    threadIds.forEach((id, i) => set(id, MASK_BYTES, maskOf(cores[i] ?? 0)));
    const release = () => {
      for (const { id, mask } of masks) set(id, MASK_BYTES, mask);
    };
    this.held = { timer: setTimeout(() => this.letGo(), HOLD_MS).unref(), release };
  }
}

/** A core of its own for each thread, the one where it was `last` if it can be; nothing where there are too few `allowed`. */
export function differentCores(
  last: readonly number[],
  allowed: readonly (readonly number[])[],
): number[] | undefined {
  const taken = new Set<number>();
  const own = last.map((core, i) => {
    if (taken.has(core) || !allowed[i]?.includes(core)) return undefined;
    taken.add(core);
    return core;
  });
  const cores: number[] = [];
  for (const [i, kept] of own.entries()) {
    const core = kept ?? allowed[i]?.find((other) => !taken.has(other));
    if (core === undefined) return undefined;
    taken.add(core);
    cores.push(core);
  }
  return cores;
}

function coreOf(threadId: number): number {
  const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[CORE_FIELD]);
}

function coresIn(mask: Uint8Array): number[] {
  return [...mask].flatMap((byte, i) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => i * 8 + bit),
  );
}

function maskOf(core: number): Uint8Array {
  const mask = new Uint8Array(MASK_BYTES);
  mask[core >> 3] = 1 << (core & 7);
  return mask;
}

function findCalls(): Calls | undefined {
  const get = systemFunction<Affinity>('int sched_getaffinity(int pid, size_t size, void *mask)');
  const set = systemFunction<Affinity>('int sched_setaffinity(int pid, size_t size, void *mask)');
  return get && set ? { get, set } : undefined;
}

/** Whether a processor says that it is a virtual one; those of ARM do not. */
function isVirtualMachine(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /^flags\s*:.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}

import { Session, type Profiler } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const SAMPLING_INTERVAL_US = 500;
/**
 * A thread that runs, or waits in the system, is sampled in time. A longer gap is the operating system running something
 * else on this core.
 */
const LONGEST_OWN_SAMPLE_US = 4 * SAMPLING_INTERVAL_US;

/** The share of some scripts in a profile of a thread. */
export interface ScriptProfile {
  /** Longest time without a break with the scripts' code on the stack. */
  longestMs: number;
  /** The same without the time in which other processes had the core. */
  longestOwnMs: number;
  /** The scripts' functions at the end of that stretch, innermost first. */
  longestStack: string[];
  /** With the scripts' code on the stack, in all. */
  totalMs: number;
  durationMs: number;
  samples: number;
}

/** Starts V8's sampling profiler on this thread; the returned function ends it. */
export async function startProfile(): Promise<() => Promise<Profiler.Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  };
}

/**
 * Looks for samples with code of the scripts in the folder `ownUrl` anywhere on the stack. A garbage collection in the middle counts to
 * the stretch it interrupts; anything else, idling above all, ends it. Two tasks with nothing between them count as one
 * stretch, so the result is an upper bound.
 */
export function summarizeProfile(profile: Profiler.Profile, ownUrl: string): ScriptProfile {
  const stacks = stacksOf(profile, ownUrl);
  const samples = profile.samples ?? [];
  const deltas = profile.timeDeltas ?? [];
  let totalUs = 0;
  let stretchUs = 0;
  let stretchOwnUs = 0;
  let longestUs = 0;
  let longestOwnUs = 0;
  let longestStack: readonly string[] = [];
  let stack: readonly string[] = [];
  samples.forEach((nodeId, index) => {
    // A sample stands for the time until the next one.
    const us = deltas[index + 1] ?? 0;
    const own = stacks.own.get(nodeId);
    const isCollection = stretchUs > 0 && stacks.collections.has(nodeId);
    if (own === undefined && !isCollection) {
      stretchUs = 0;
      stretchOwnUs = 0;
      return;
    }
    stack = own ?? stack;
    stretchUs += us;
    stretchOwnUs += Math.min(us, LONGEST_OWN_SAMPLE_US);
    totalUs += us;
    longestUs = Math.max(longestUs, stretchUs);
    if (stretchOwnUs > longestOwnUs) {
      longestOwnUs = stretchOwnUs;
      longestStack = stack;
    }
  });
  return {
    longestMs: longestUs / 1000,
    longestOwnMs: longestOwnUs / 1000,
    longestStack: [...longestStack],
    totalMs: totalUs / 1000,
    durationMs: (profile.endTime - profile.startTime) / 1000,
    samples: samples.length,
  };
}

interface Stacks {
  /** Functions of the script on the stack of each node that has any, innermost first. */
  own: Map<number, readonly string[]>;
  collections: Set<number>;
}

function stacksOf(profile: Profiler.Profile, ownUrl: string): Stacks {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const own = new Map<number, readonly string[]>();
  const collections = new Set<number>();
  const visit = (id: number, outer: readonly string[]) => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const { functionName, url, lineNumber } = node.callFrame;
    // Node names CommonJS modules by path, ES modules by URL.
    const isOwn = url.startsWith(ownUrl) || url.startsWith(fileURLToPath(ownUrl));
    const stack = isOwn ? [`${functionName || '(anonymous)'}:${lineNumber + 1}`, ...outer] : outer;
    if (stack.length > 0) own.set(id, stack);
    if (functionName === '(garbage collector)') collections.add(id);
    for (const child of node.children ?? []) visit(child, stack);
  };
  const root = profile.nodes[0];
  if (root !== undefined) visit(root.id, []);
  return { own, collections };
}

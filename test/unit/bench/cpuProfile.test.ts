import type { Profiler } from 'node:inspector';
import { describe, expect, it } from 'vitest';
import { summarizeProfile } from '../../../bench/cpuProfile';

const OWN = 'file:///home/me/mamba/dist/';

function node(id: number, functionName: string, url: string, children: number[] = []) {
  const callFrame = { functionName, url, scriptId: '0', lineNumber: 9, columnNumber: 0 };
  return { id, callFrame, children };
}

const nodes = [
  node(1, '(root)', '', [2, 3, 4, 6]),
  node(2, '(idle)', ''),
  node(3, '(garbage collector)', ''),
  // The host calls us, and we call something that is not ours.
  node(4, 'host', '/vscode/host.js', [5]),
  node(5, 'suggest', '/home/me/mamba/dist/extension.js', [7]),
  node(6, 'other', '/home/me/other/dist/extension.js'),
  node(7, 'builtin', ''),
];

/** Each sample is a node and how long it lasts in µs. */
function profile(...samples: [nodeId: number, us: number][]): Profiler.Profile {
  return {
    nodes,
    startTime: 0,
    endTime: samples.reduce((sum, [, us]) => sum + us, 0),
    samples: [...samples.map(([nodeId]) => nodeId), 2],
    timeDeltas: [0, ...samples.map(([, us]) => us)],
  };
}

describe('our share of a CPU profile', () => {
  it('adds up neighbouring samples, with calls into other code and collections between them', () => {
    const summary = summarizeProfile(profile([5, 500], [3, 700], [7, 500], [2, 9000]), OWN);
    expect(summary.longestMs).toBe(1.7);
    expect(summary.longestStack).toEqual(['suggest:10']);
    expect(summary.totalMs).toBe(1.7);
  });

  it('ends a stretch where the thread does something else', () => {
    const summary = summarizeProfile(profile([5, 500], [4, 500], [5, 1000], [2, 500]), OWN);
    expect(summary.longestMs).toBe(1);
    expect(summary.totalMs).toBe(1.5);
  });

  it('leaves out other extensions, whose bundles have the same name', () => {
    expect(summarizeProfile(profile([6, 5000], [3, 100]), OWN).totalMs).toBe(0);
  });

  it('tells our own time from time in which the core ran something else', () => {
    const summary = summarizeProfile(profile([5, 500], [5, 60_000], [5, 500]), OWN);
    expect(summary.longestMs).toBe(61);
    expect(summary.longestOwnMs).toBe(3);
  });
});

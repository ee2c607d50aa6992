import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runPython } from '../../../scripts/eval/pythonTest';

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython)('a Python program', () => {
  it.each([
    ['assert 1 + 1 == 2', 'passed'],
    ['assert 1 + 1 == 3', 'failed'],
    ['def f(:', 'failed'],
    ['import sys; sys.exit(1)', 'failed'],
  ] as const)('%s has %s', async (program, expected) => {
    expect(await runPython(program, 25_000)).toBe(expected);
  });

  it('ends a program that does not end', async () => {
    expect(await runPython('while True: pass', 500)).toBe('timedOut');
  });
});

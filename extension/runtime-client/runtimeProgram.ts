import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { findNodeBinary, type NodeBinary } from './nodeBinary';

/** The Node binary of an extension folder's platform, or the running executable. */
export function nodeBinary(extensionFolder: string): NodeBinary {
  const { platform, arch, execPath } = process;
  return findNodeBinary({ extensionFolder, platform, arch, execPath, isExecutable });
}

export function runtimeScript(extensionFolder: string): string {
  return join(extensionFolder, 'dist', 'runtime.js');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing, or not executable: either way another binary is taken.
    return false;
  }
}

import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Logger } from '../common/logger';
import { ImportProcess } from '../models/importProcess';
import type { NodeBinary } from '../runtime-client/nodeBinary';
import { findNodeBinary } from '../runtime-client/nodeBinary';
import { RuntimeClient } from '../runtime-client/runtimeClient';
import { RuntimeProcess } from '../runtime-client/runtimeProcess';
import type { Settings } from '../settings/table';
import type { SettingsStore } from './settingsStore';

/** Folder below `models/` of the model that ships. */
const SHIPPED_MODEL = 'mamba-complete-1';
const BYTES_PER_MEGABYTE = 1024 * 1024;

/**
 * The client for the runtime that lies in the extension's folder, with the settings of the moment it starts; `chosen` counts
 * before them.
 */
export function createRuntimeClient(
  extensionFolder: string,
  settings: SettingsStore,
  logger: Logger,
  chosen: Partial<Pick<Settings, 'engine' | 'weights'>> = {},
): RuntimeClient {
  return new RuntimeClient({
    logger,
    startProcess: () => {
      const { env } = process;
      const node = nodeBinary(extensionFolder);
      const fallback = node.isBundled ? '' : ' (no Node binary for this platform is packaged)';
      logger.info(`runtime.start: on ${node.path}${fallback}`);
      const script = join(extensionFolder, 'dist', 'runtime.js');
      return new RuntimeProcess({ script, node, parentEnvironment: env, logger });
    },
    initializeOptions: () => {
      const { engine, threads, weights, modelFolder, stateBudgetMb } = {
        ...settings.read(undefined),
        ...chosen,
      };
      return {
        modelFolder: resolveModelFolder(modelFolder, extensionFolder),
        engine,
        threads,
        weights,
        stateBudgetBytes: stateBudgetMb * BYTES_PER_MEGABYTE,
        // A benchmark of an engine has to be told when it is not there.
        replacesGpu: chosen.engine === undefined,
      };
    },
  });
}

/** Reads and adds models in processes of the same kind. */
export function createImportProcess(extensionFolder: string): ImportProcess {
  return new ImportProcess({
    script: join(extensionFolder, 'dist', 'modelImport.js'),
    node: nodeBinary(extensionFolder),
    parentEnvironment: process.env,
  });
}

function nodeBinary(extensionFolder: string): NodeBinary {
  const { platform, arch, execPath } = process;
  return findNodeBinary({ extensionFolder, platform, arch, execPath, isExecutable });
}

/** `~` and relative paths start at the user's home: a window may have several workspace folders, or none. */
export function resolveModelFolder(setting: string, extensionFolder: string): string {
  const folder = setting.trim();
  if (folder === '') return join(extensionFolder, 'models', SHIPPED_MODEL);
  return isAbsolute(folder) ? folder : resolve(homedir(), folder.replace(/^~[\\/]?/, ''));
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

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Logger } from '../common/logger';
import { ImportProcess } from '../models/importProcess';
import { forkRuntime, type StartedRuntime } from '../runtime-client/forkRuntime';
import { RuntimeClient } from '../runtime-client/runtimeClient';
import { RuntimeProcess } from '../runtime-client/runtimeProcess';
import { nodeBinary, runtimeScript } from '../runtime-client/runtimeProgram';
import type { Settings } from '../settings/table';
import type { SettingsStore } from './settingsStore';

/** Folder below `models/` of the model that ships. */
const SHIPPED_MODEL = 'mamba-complete-1';
const BYTES_PER_MEGABYTE = 1024 * 1024;

/**
 * The client for the runtime that lies in the extension's folder, with the settings of the moment it starts; `chosen` counts
 * before them. Its first process is `started`, if that still runs.
 */
export function createRuntimeClient(
  extensionFolder: string,
  settings: SettingsStore,
  logger: Logger,
  chosen: Partial<Pick<Settings, 'engine' | 'weights'>> = {},
  started?: StartedRuntime,
): RuntimeClient {
  const startProcess = () => {
    const node = nodeBinary(extensionFolder);
    return { node, child: forkRuntime(runtimeScript(extensionFolder), node, process.env) };
  };
  const takeStarted = () => {
    const taken = started;
    started = undefined;
    return taken?.child.connected ? taken : undefined;
  };
  return new RuntimeClient({
    logger,
    startProcess: () => {
      const { node, child } = takeStarted() ?? startProcess();
      const fallback = node.isBundled ? '' : ' (no Node binary for this platform is packaged)';
      logger.info(`runtime.start: on ${node.path}${fallback}`);
      return new RuntimeProcess(child, logger);
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
        // A benchmark of an engine has to be told when it is not there, and measures it at its best.
        replacesGpu: chosen.engine === undefined,
        measuresThreads: chosen.engine !== undefined,
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

/** `~` and relative paths start at the user's home: a window may have several workspace folders, or none. */
export function resolveModelFolder(setting: string, extensionFolder: string): string {
  const folder = setting.trim();
  if (folder === '') return join(extensionFolder, 'models', SHIPPED_MODEL);
  return isAbsolute(folder) ? folder : resolve(homedir(), folder.replace(/^~[\\/]?/, ''));
}

import path from 'node:path';
import type { Logger } from '../extension/common/logger';
import { forkRuntime } from '../extension/runtime-client/forkRuntime';
import { RuntimeClient } from '../extension/runtime-client/runtimeClient';
import { RuntimeProcess } from '../extension/runtime-client/runtimeProcess';
import { nodeBinary, runtimeScript } from '../extension/runtime-client/runtimeProgram';
import type { EngineChoice, WeightsChoice } from '../model-runtime/protocol/messages';

/** The repository, seen from `dist/scripts`. */
const ROOT = path.resolve(__dirname, '../..');
const SHIPPED_MODEL = path.join(ROOT, 'models/mamba-complete-1');

export interface RuntimeChoice {
  engine: EngineChoice;
  /** 0: the runtime chooses. */
  threads: number;
  weights: WeightsChoice;
  /** Default: the shipped model's. */
  modelFolder?: string | undefined;
}

/** The built runtime process, as the extension starts it. The caller stops it. */
export function startRuntime(
  { modelFolder = SHIPPED_MODEL, ...choice }: RuntimeChoice,
  logger: Logger,
): RuntimeClient {
  const node = nodeBinary(ROOT);
  const client = new RuntimeClient({
    startProcess: () =>
      new RuntimeProcess(forkRuntime(runtimeScript(ROOT), node, process.env), logger),
    initializeOptions: () => ({
      modelFolder: path.resolve(modelFolder),
      ...choice,
      measuresThreads: true,
      stateBudgetBytes: 512 * 2 ** 20,
    }),
    logger,
  });
  client.start();
  return client;
}

/** Warnings and errors on stderr, everything with `isVerbose`. */
export function scriptLogger(isVerbose: boolean): Logger {
  const write = (line: string) => process.stderr.write(`${line}\n`);
  const quiet = () => undefined;
  const detail = isVerbose ? write : quiet;
  return { trace: quiet, debug: detail, info: detail, warn: write, error: write };
}

import { fork, type ChildProcess } from 'node:child_process';
import * as v from 'valibot';
import { RuntimeError } from '../../model-runtime/protocol/errors';
import type {
  CheckpointSummary,
  ImportMessage,
  ImportRequest,
} from '../../model-runtime/protocol/importMessages';
import type { NodeBinary } from '../runtime-client/nodeBinary';
import { errorCode } from '../runtime-client/runtimeMessages';
import { runtimeEnvironment } from '../runtime-client/runtimeEnvironment';

const count = v.pipe(v.number(), v.minValue(0));
const summarySchema: v.GenericSchema<unknown, CheckpointSummary> = v.object({
  name: v.string(),
  architecture: v.picklist(['mamba1', 'mamba2']),
  parameters: count,
  diskBytes: count,
  freeDiskBytes: count,
  memoryBytes: v.object({ int8: count, int4: count }),
  totalMemoryBytes: count,
  infill: v.picklist(['none', 'prefix-suffix-middle', 'region']),
  stop: v.array(v.string()),
  contextTokens: v.optional(count),
});
const messageSchema: v.GenericSchema<unknown, ImportMessage> = v.variant('kind', [
  v.object({ kind: v.literal('inspected'), summary: summarySchema }),
  v.object({
    kind: v.literal('progress'),
    phase: v.picklist(['weights', 'checksums']),
    done: count,
    total: count,
  }),
  v.object({ kind: v.literal('added') }),
  v.object({ kind: v.literal('canceled') }),
  v.object({ kind: v.literal('failed'), code: errorCode, message: v.string() }),
]);

type Progress = Extract<ImportMessage, { kind: 'progress' }>;

export interface ImportProcessOptions {
  /** `dist/modelImport.js`. */
  script: string;
  node: NodeBinary;
  parentEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Reads and adds models in a process of its own, one for each call, so that nothing in the editor waits for it. */
export class ImportProcess {
  constructor(private readonly options: ImportProcessOptions) {}

  /** What a checkpoint is and needs. Throws the import's RuntimeError. */
  async inspect(source: string, library: string, signal: AbortSignal): Promise<CheckpointSummary> {
    const message = await this.run({ kind: 'inspect', source, library }, signal);
    if (message.kind === 'inspected') return message.summary;
    throw failure(message);
  }

  /** Whether the model was added; false when `signal` gave it up, and then nothing is left of it. Throws as `inspect`. */
  async add(
    request: Omit<Extract<ImportRequest, { kind: 'add' }>, 'kind'>,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<boolean> {
    const message = await this.run({ kind: 'add', ...request }, signal, onProgress);
    if (message.kind === 'added') return true;
    if (message.kind === 'canceled') return false;
    throw failure(message);
  }

  private run(
    request: ImportRequest,
    signal: AbortSignal,
    onProgress?: (progress: Progress) => void,
  ): Promise<Exclude<ImportMessage, Progress>> {
    if (signal.aborted) return Promise.resolve({ kind: 'canceled' });
    const child = this.start();
    return new Promise((resolve, reject) => {
      const cancel = () => {
        send(child, { kind: 'cancel' });
      };
      signal.addEventListener('abort', cancel, { once: true });
      let answer: Exclude<ImportMessage, Progress> | undefined;
      child.on('message', (raw) => {
        const parsed = v.safeParse(messageSchema, raw);
        if (!parsed.success) return;
        if (parsed.output.kind === 'progress') onProgress?.(parsed.output);
        else answer = parsed.output;
      });
      const end = (description: string) => {
        signal.removeEventListener('abort', cancel);
        if (answer) resolve(answer);
        else reject(new RuntimeError('runtimeExited', `The import ended (${description}).`));
      };
      child.on('error', (error) => {
        if (child.pid === undefined) end(error.message);
      });
      child.on('exit', (code, exitSignal) => {
        end(exitSignal ?? `code ${code ?? 'unknown'}`);
      });
      send(child, request);
    });
  }

  private start(): ChildProcess {
    const { script, node, parentEnvironment } = this.options;
    return fork(script, [], {
      execPath: node.path,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: runtimeEnvironment(parentEnvironment, !node.isBundled),
    });
  }
}

function send(child: ChildProcess, message: ImportRequest): void {
  // A process that has just ended is reported by its exit.
  if (child.connected) child.send(message, () => undefined);
}

function failure(message: Exclude<ImportMessage, Progress>): RuntimeError {
  return message.kind === 'failed'
    ? new RuntimeError(message.code, message.message)
    : new RuntimeError('internal', `The import answered with ${message.kind}.`);
}

import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import esbuild from 'esbuild';
import type { ClientMessage, RuntimeMessage } from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { MODEL_FOLDER } from './model';

const ROOT = path.resolve(__dirname, '../..');

/** Bundles the runtime's process entry as the product does and answers the file's path. */
export async function bundleRuntime(): Promise<string> {
  const outfile = path.join(ROOT, 'out/test/runtime.js');
  await esbuild.build({
    entryPoints: [path.join(ROOT, 'model-runtime/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node'],
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

/** A real runtime process, spoken to over its channel. */
export class RuntimeChild {
  readonly child: ChildProcess;
  readonly stderr: string[] = [];
  private readonly answers = new Map<number, (message: RuntimeMessage) => void>();
  private nextRequestId = 1;

  constructor(script: string) {
    this.child = fork(script, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child.stderr?.on('data', (data: Buffer) => this.stderr.push(data.toString()));
    this.child.on('message', (message: RuntimeMessage) => {
      this.answers.get(message.requestId)?.(message);
      this.answers.delete(message.requestId);
    });
  }

  /** Sends as it is, malformed or not. */
  sendRaw(message: unknown): void {
    this.child.send(message as ClientMessage);
  }

  /** Sends with a fresh request id; the answer may be awaited. */
  ask(message: Record<string, unknown>): { requestId: number; answer: Promise<RuntimeMessage> } {
    const requestId = this.nextRequestId++;
    const answer = new Promise<RuntimeMessage>((resolve) => this.answers.set(requestId, resolve));
    this.sendRaw({ ...message, requestId });
    return { requestId, answer };
  }

  initialize(overrides: Record<string, unknown> = {}): Promise<RuntimeMessage> {
    return this.ask({
      kind: 'initialize',
      protocolVersion: PROTOCOL_VERSION,
      modelFolder: MODEL_FOLDER,
      engine: 'onnx',
      threads: 2,
      weights: 'int8',
      stateBudgetBytes: 512 * 2 ** 20,
      ...overrides,
    }).answer;
  }

  complete(prefix: string, suffix = '', overrides: Record<string, unknown> = {}) {
    return this.ask({
      kind: 'complete',
      documentId: 'file:///a.ts',
      path: 'src/a.ts',
      prefix,
      suffix,
      shape: 'line',
      maxTokens: 24,
      maxLines: 4,
      temperature: 0,
      topP: 1,
      ...overrides,
    });
  }

  /** Exit code, once the process has ended. */
  ended(): Promise<number | null> {
    if (this.child.exitCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import esbuild from 'esbuild';
import type { ClientMessage, RuntimeMessage } from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { positionAt, toChange } from './editScripts';
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
    external: ['onnxruntime-node', 'webgpu'],
    loader: { '.wgsl': 'text' },
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
  private readonly documents = new Map<string, { version: number; text: string }>();
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

  /**
   * Makes the document's text `prefix` and `suffix`, by one change where it is open, and completes between them.
   */
  complete(prefix: string, suffix = '', overrides: Record<string, unknown> = {}) {
    const { documentId = 'file:///a.ts' } = overrides;
    return this.ask({
      kind: 'complete',
      ...this.show(String(documentId), prefix, suffix),
      maxReadTokens: 100_000,
      shape: 'line',
      maxTokens: 24,
      maxLines: 4,
      temperature: 0,
      topP: 1,
      ...overrides,
    });
  }

  /** Has the runtime take this text for the document's; returns the place between the two parts. */
  show(documentId: string, prefix: string, suffix: string) {
    const text = prefix + suffix;
    const known = this.documents.get(documentId);
    const version = (known?.version ?? 0) + 1;
    if (known === undefined) {
      this.sendRaw({
        kind: 'openDocument',
        documentId,
        version,
        path: 'src/a.ts',
        text,
        isComplete: true,
      });
    } else {
      const changes = [singleChange(known.text, text)];
      this.sendRaw({
        kind: 'changeDocument',
        documentId,
        fromVersion: version - 1,
        version,
        changes,
      });
    }
    this.documents.set(documentId, { version, text });
    const lineCount = text.split('\n').length;
    const position = positionAt(text, prefix.length);
    return { documentId, version, lineCount, position, contextCharacters: 6000 };
  }

  close(documentId: string): void {
    this.documents.delete(documentId);
    this.sendRaw({ kind: 'closeDocument', documentId });
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

/** What is different between two texts, as one change. */
function singleChange(before: string, after: string) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  const text = after.slice(start, after.length - same);
  return toChange(before, { start, end: before.length - same, text });
}

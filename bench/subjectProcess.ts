import { fork, type ChildProcess } from 'node:child_process';
import * as v from 'valibot';
import { responseSchema, type BenchRequest, type BenchResponse } from './protocol';

type ResponseOf<Kind extends BenchResponse['kind']> = Extract<BenchResponse, { kind: Kind }>;

/** A child that holds one subject. Requests are sent one at a time. */
export class SubjectProcess {
  private readonly child: ChildProcess;

  constructor(workerFile: string) {
    this.child = fork(workerFile, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // As the extension starts the runtime.
      env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    });
  }

  /** Throws when the child reports a failure, ends, or answers with another kind. */
  async request<Kind extends BenchResponse['kind']>(
    request: BenchRequest,
    kind: Kind,
  ): Promise<ResponseOf<Kind>> {
    const response = await this.exchange(request);
    if (response.kind === 'failed') throw new Error(response.message);
    if (!isOfKind(response, kind)) throw new Error(`expected ${kind}, got ${response.kind}`);
    return response;
  }

  dispose(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private exchange(request: BenchRequest): Promise<BenchResponse> {
    return new Promise((resolve, reject) => {
      const { child } = this;
      const onMessage = (message: unknown) => {
        child.off('exit', onExit);
        resolve(v.parse(responseSchema, message));
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
        child.off('message', onMessage);
        reject(new Error(`its process ended with ${signal ?? `code ${String(code)}`}`));
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
      if (!child.connected) onExit(child.exitCode, child.signalCode);
      else child.send(request);
    });
  }
}

function isOfKind<Kind extends BenchResponse['kind']>(
  response: BenchResponse,
  kind: Kind,
): response is ResponseOf<Kind> {
  return response.kind === kind;
}

import { forkRuntime } from '../../extension/runtime-client/forkRuntime';
import { RuntimeProcess } from '../../extension/runtime-client/runtimeProcess';
import { nodeBinary, runtimeScript } from '../../extension/runtime-client/runtimeProgram';
import type { ClientMessage, RuntimeMessage } from '../../model-runtime/protocol/messages';
import { scriptLogger } from '../../scripts/startRuntime';

type Answer<Kind extends RuntimeMessage['kind']> = Extract<RuntimeMessage, { kind: Kind }>;

/** The built runtime process, started as the extension starts it. */
export class RuntimeUnderTest {
  private readonly process: RuntimeProcess;
  private readonly waiting = new Map<number, (message: RuntimeMessage | undefined) => void>();

  constructor(repository: string) {
    const child = forkRuntime(runtimeScript(repository), nodeBinary(repository), process.env);
    this.process = new RuntimeProcess(child, scriptLogger(false));
    this.process.onMessage((message) => {
      // Both sides are of one build.
      const answer = message as RuntimeMessage;
      if (answer.kind === 'engineChanged') return;
      this.waiting.get(answer.requestId)?.(answer);
      this.waiting.delete(answer.requestId);
    });
    this.process.onExit(() => {
      for (const end of this.waiting.values()) end(undefined);
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  notify(message: ClientMessage): void {
    this.process.send(message);
  }

  /** Throws when the answer is of another kind, or none comes. */
  async ask<Kind extends RuntimeMessage['kind']>(
    message: Extract<ClientMessage, { requestId: number }>,
    kind: Kind,
  ): Promise<Answer<Kind>> {
    const answer = await new Promise<RuntimeMessage | undefined>((resolve) => {
      this.waiting.set(message.requestId, resolve);
      this.process.send(message);
    });
    if (answer && isOfKind(answer, kind)) return answer;
    throw new Error(`Expected ${kind}, got ${JSON.stringify(answer)}`);
  }

  dispose(): void {
    this.process.disconnect();
  }
}

function isOfKind<Kind extends RuntimeMessage['kind']>(
  message: RuntimeMessage,
  kind: Kind,
): message is Answer<Kind> {
  return message.kind === kind;
}

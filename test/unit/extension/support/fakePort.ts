import { Emitter } from '../../../../extension/common/emitter';
import type { RuntimePort } from '../../../../extension/runtime-client/runtimeProcess';
import type {
  ClientMessage,
  InitializedResponse,
} from '../../../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../../../model-runtime/protocol/version';

/** A runtime process that answers only what the test says, and keeps what it was sent. */
export class FakePort implements RuntimePort {
  readonly sent: ClientMessage[] = [];
  readonly calls: string[] = [];
  private readonly messages = new Emitter<unknown>();
  private readonly exits = new Emitter<string>();
  readonly onMessage = this.messages.event;
  readonly onExit = this.exits.event;
  private hasExited = false;

  constructor(readonly pid: number) {}

  send(message: ClientMessage): void {
    this.sent.push(message);
    if (message.kind === 'shutdown' && this.endsOnShutdown) this.exit('code 0');
  }

  endsOnShutdown = true;

  disconnect(): void {
    this.calls.push('disconnect');
  }

  kill(): void {
    this.calls.push('kill');
    this.exit('signal SIGKILL');
  }

  dispose(): void {
    this.messages.dispose();
    this.exits.dispose();
  }

  receive(message: unknown): void {
    this.messages.fire(message);
  }

  exit(description: string): void {
    if (this.hasExited) return;
    this.hasExited = true;
    this.exits.fire(description);
  }

  kinds(): string[] {
    return this.sent.map((message) => message.kind);
  }

  /** Answers the handshake. */
  initialized(): void {
    this.receive(initialized(this.lastRequestId('initialize')));
  }

  lastRequestId(kind: 'initialize' | 'complete' | 'warm'): number {
    const found = this.sent.findLast((message) => message.kind === kind);
    if (found === undefined || !('requestId' in found)) throw new Error(`no ${kind} was sent`);
    return found.requestId;
  }
}

export const FIGURES = {
  promptTokens: 100,
  reusedTokens: 90,
  reuse: 'cursor' as const,
  prefillMs: 30,
  generatedTokens: 8,
  decodeMs: 80,
  totalMs: 115,
};

export function initialized(requestId: number): InitializedResponse {
  return {
    kind: 'initialized',
    requestId,
    protocolVersion: PROTOCOL_VERSION,
    model: {
      name: 'Model',
      architecture: 'mamba2',
      parameters: 74e6,
      weightsSizeBytes: 79e6,
      layers: 24,
      vocabSize: 16384,
    },
    engine: {
      name: 'onnx',
      device: 'CPU, 2 threads',
      threads: 2,
      weights: 'int8',
      arithmetic: 'f32',
      vocabSize: 16384,
      maxChunkTokens: 64,
      stateSizeBytes: 16_220_160,
    },
    loadMs: 400,
  };
}

import * as v from 'valibot';
import { RuntimeError } from '../../model-runtime/protocol/errors';
import type {
  ClientMessage,
  CompleteRequest,
  DescribeDocumentRequest,
  DescribeMemoryRequest,
  EngineChangedMessage,
  EngineInfo,
  MemoryDescribedResponse,
  DocumentDescribedResponse,
  CompletionResponse,
  InitializedResponse,
  InitializeRequest,
  PartialCompletionMessage,
  ResyncResponse,
  RuntimeMessage,
  WarmedResponse,
  WarmRequest,
} from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { Disposable } from '../common/disposable';
import type { Event } from '../common/emitter';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import type { RuntimePort } from './runtimeProcess';
import { parseProtocolVersion, parseRuntimeMessage } from './runtimeMessages';

/** A runtime that leaves a cancel unanswered for this long hangs, and is killed. */
const CANCEL_ANSWER_TIMEOUT_MS = 60_000;
/** Loading the model included: some 5 s for each GB on a slow machine, more with onnxruntime. */
const INITIALIZE_TIMEOUT_MS = 600_000;
/** What a process gets to end by itself. */
const SHUTDOWN_GRACE_MS = 2_000;

export type DocumentNotification = Extract<
  ClientMessage,
  {
    kind:
      | 'openDocument'
      | 'appendToDocument'
      | 'changeDocument'
      | 'relateFiles'
      | 'closeDocument'
      | 'clearStates';
  }
>;

type Unsent<M> = M extends unknown ? Omit<M, 'requestId'> : never;

export type RuntimeRequest = Unsent<
  | CompleteRequest
  | WarmRequest
  | DescribeDocumentRequest
  | DescribeMemoryRequest
  | InitializeRequest
>;

export type InitializeOptions = Omit<InitializeRequest, 'kind' | 'requestId' | 'protocolVersion'>;

/** Every request is answered by one of these; nothing is thrown. */
export type RuntimeAnswer =
  | InitializedResponse
  | CompletionResponse
  | WarmedResponse
  | DocumentDescribedResponse
  | MemoryDescribedResponse
  | ResyncResponse
  | { kind: 'canceled' }
  | { kind: 'failed'; error: RuntimeError };

/** The conversation with one runtime process, from its start to its end. */
export class RuntimeConnection extends Disposable {
  private readonly pending = new Map<number, (answer: RuntimeAnswer) => void>();
  private readonly streams = new Map<number, (text: string) => void>();
  /** Canceled requests whose answer has not come, with the timer that waits for it. */
  private readonly canceled = new Map<number, NodeJS.Timeout>();
  private readonly exits = this.register(new Emitter<RuntimeError>());
  private readonly engineChanges = this.register(new Emitter<EngineInfo>());
  private nextRequestId = 1;
  private exitError: RuntimeError | undefined;

  /** The process has ended; every pending request has been answered before. */
  readonly onExit: Event<RuntimeError> = this.exits.event;

  /** The runtime has found a faster engine, or lost the one that it had. */
  readonly onEngineChanged: Event<EngineInfo> = this.engineChanges.event;

  constructor(
    private readonly port: RuntimePort,
    private readonly logger: Logger,
  ) {
    super();
    this.register(port);
    this.register(
      port.onMessage((raw) => {
        this.receive(raw);
      }),
    );
    this.register(
      port.onExit((description) => {
        this.handleExit(description);
      }),
    );
  }

  get processId(): number | undefined {
    return this.exitError === undefined ? this.port.pid : undefined;
  }

  /** The handshake: versions are compared, the model is loaded. */
  async initialize(options: InitializeOptions): Promise<RuntimeAnswer> {
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, INITIALIZE_TIMEOUT_MS);
    const answer = await this.request(
      { kind: 'initialize', protocolVersion: PROTOCOL_VERSION, ...options },
      timeout.signal,
    );
    clearTimeout(timer);
    if (timeout.signal.aborted) {
      const seconds = INITIALIZE_TIMEOUT_MS / 1000;
      const message = `The model runtime did not load its model within ${seconds} seconds.`;
      return { kind: 'failed', error: new RuntimeError('internal', message) };
    }
    if (answer.kind === 'initialized' && answer.protocolVersion !== PROTOCOL_VERSION) {
      return { kind: 'failed', error: versionError(answer.protocolVersion) };
    }
    return answer;
  }

  /** Aborting answers with `canceled` at once and tells the runtime to stop. */
  request(
    message: RuntimeRequest,
    signal: AbortSignal,
    onPartial?: (text: string) => void,
  ): Promise<RuntimeAnswer> {
    if (signal.aborted) return Promise.resolve({ kind: 'canceled' });
    if (this.exitError !== undefined) {
      return Promise.resolve({ kind: 'failed', error: this.exitError });
    }
    const requestId = this.nextRequestId++;
    return new Promise((resolve) => {
      const abort = () => {
        this.cancel(requestId);
      };
      signal.addEventListener('abort', abort, { once: true });
      if (onPartial !== undefined) this.streams.set(requestId, onPartial);
      this.pending.set(requestId, (answer) => {
        this.streams.delete(requestId);
        signal.removeEventListener('abort', abort);
        resolve(answer);
      });
      this.port.send({ ...message, requestId });
    });
  }

  notify(message: DocumentNotification): void {
    if (this.exitError === undefined) this.port.send(message);
  }

  /** Asks the process to end, and kills it when it does not. Resolves when it has ended. Disposes the connection. */
  async close(): Promise<void> {
    if (this.exitError === undefined) {
      const ended = new Promise<void>((resolve) => {
        let giveUp: NodeJS.Timeout | undefined;
        const kill = setTimeout(() => {
          this.logger.warn('runtime.stop: the process did not end by itself and is killed');
          // An unkillable process must not hold up the editor's end.
          giveUp = setTimeout(resolve, SHUTDOWN_GRACE_MS);
          this.port.disconnect();
          this.port.kill();
        }, SHUTDOWN_GRACE_MS);
        this.onExit(() => {
          clearTimeout(kill);
          clearTimeout(giveUp);
          resolve();
        });
      });
      this.port.send({ kind: 'shutdown' });
      await ended;
    }
    this.dispose();
  }

  /** For a process that cannot be trusted to answer any more. */
  kill(): void {
    this.port.kill();
  }

  override dispose(): void {
    for (const timer of this.canceled.values()) clearTimeout(timer);
    this.canceled.clear();
    this.answerAll({ kind: 'canceled' });
    super.dispose();
  }

  private receive(raw: unknown): void {
    const parsed = parseRuntimeMessage(raw);
    if (!parsed.success) {
      this.receiveMalformed(raw, parsed.problem);
      return;
    }
    const { message } = parsed;
    if (message.kind === 'partialCompletion') this.streams.get(message.requestId)?.(message.text);
    else if (message.kind === 'engineChanged') this.engineChanges.fire(message.engine);
    else this.answer(message.requestId, toAnswer(message));
  }

  private receiveMalformed(raw: unknown, problem: string): void {
    this.logger.warn(`runtime.receive: a message was not understood (${problem})`);
    const id = v.safeParse(v.object({ requestId: v.number() }), raw);
    if (!id.success) return;
    const version = parseProtocolVersion(raw);
    const error =
      version !== undefined && version !== PROTOCOL_VERSION
        ? versionError(version)
        : new RuntimeError('internal', `The model runtime's answer was malformed: ${problem}.`);
    this.answer(id.output.requestId, { kind: 'failed', error });
  }

  private answer(requestId: number, answer: RuntimeAnswer): void {
    clearTimeout(this.canceled.get(requestId));
    this.canceled.delete(requestId);
    const resolve = this.pending.get(requestId);
    this.pending.delete(requestId);
    resolve?.(answer);
  }

  private cancel(requestId: number): void {
    this.answer(requestId, { kind: 'canceled' });
    if (this.exitError !== undefined || this.isDisposed) return;
    this.port.send({ kind: 'cancel', requestId });
    const timer = setTimeout(() => {
      this.logger.error('runtime.cancel: the runtime hangs and is killed');
      this.port.kill();
    }, CANCEL_ANSWER_TIMEOUT_MS);
    this.canceled.set(requestId, timer);
  }

  private handleExit(description: string): void {
    const message = `The model runtime ended (${description}). It is started again by itself; the log says more.`;
    const error = new RuntimeError('runtimeExited', message);
    this.exitError = error;
    for (const timer of this.canceled.values()) clearTimeout(timer);
    this.canceled.clear();
    this.answerAll({ kind: 'failed', error });
    this.exits.fire(error);
  }

  private answerAll(answer: RuntimeAnswer): void {
    for (const requestId of [...this.pending.keys()]) this.answer(requestId, answer);
  }
}

function toAnswer(
  message: Exclude<RuntimeMessage, PartialCompletionMessage | EngineChangedMessage>,
): RuntimeAnswer {
  return message.kind === 'failed'
    ? { kind: 'failed', error: new RuntimeError(message.code, message.message) }
    : message;
}

function versionError(theirs: number): RuntimeError {
  const message = `The model runtime speaks protocol ${theirs}, the extension ${PROTOCOL_VERSION}. Reload the window, or install the extension again.`;
  return new RuntimeError('protocolMismatch', message);
}

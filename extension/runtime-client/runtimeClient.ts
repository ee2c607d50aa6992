import { RuntimeError } from '../../model-runtime/protocol/errors';
import type {
  CompleteRequest,
  CompletionFigures,
  CompletionText,
  DocumentDescription,
  MemoryDescribedResponse,
  WarmRequest,
} from '../../model-runtime/protocol/messages';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { RuntimeHealth } from './health';
import { isPermanent } from './health';
import { RestartPolicy } from './restartPolicy';
import type {
  DocumentNotification,
  InitializeOptions,
  RuntimeAnswer,
  RuntimeRequest,
} from './runtimeConnection';
import { RuntimeConnection } from './runtimeConnection';
import type { RuntimePort } from './runtimeProcess';

export type CompletionParameters = Omit<CompleteRequest, 'kind' | 'requestId'>;
export type WarmParameters = Omit<WarmRequest, 'kind' | 'requestId'>;

/** Told the text so far of a request with `streams`. */
export type PartialListener = (text: string) => void;

/** What became of a completion request. `text` is the model's, LF only. */
export type CompletionOutcome =
  | (CompletionText & {
      readonly kind: 'success';
      /** Others that were asked for, likely ones first. */
      readonly alternatives?: readonly CompletionText[] | undefined;
      readonly figures: CompletionFigures;
    })
  | { readonly kind: 'empty'; readonly figures: CompletionFigures }
  /** The document has to be sent again. */
  | { readonly kind: 'resync' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'failed'; readonly error: RuntimeError };

export type WarmOutcome =
  | { readonly kind: 'success'; readonly prefilledTokens: number }
  | { readonly kind: 'resync' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'failed'; readonly error: RuntimeError };

export interface RuntimeClientOptions {
  startProcess(): RuntimePort;
  /** Read anew at every start, so that changed settings hold after a restart. */
  initializeOptions(): InitializeOptions;
  logger: Logger;
}

/**
 * Starts and supervises the runtime, and speaks to it. A runtime that dies is started again with growing delays; requests
 * that were with it fail, those that come meanwhile wait for the new one. Nothing here throws.
 */
export class RuntimeClient extends Disposable {
  private readonly healthChanges = this.register(new Emitter<RuntimeHealth>());
  private readonly policy = new RestartPolicy();
  private connection: RuntimeConnection | undefined;
  private startedAtMs = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private currentHealth: RuntimeHealth = { state: 'stopped' };

  readonly onHealthChange = this.healthChanges.event;

  constructor(private readonly options: RuntimeClientOptions) {
    super();
  }

  get health(): RuntimeHealth {
    return this.currentHealth;
  }

  get processId(): number | undefined {
    return this.connection?.processId;
  }

  /** Starts the process and returns at once. Does nothing unless stopped or failed. */
  start(): void {
    const { state } = this.currentHealth;
    if (this.isDisposed || (state !== 'stopped' && state !== 'failed')) return;
    this.policy.reset();
    this.startProcess();
  }

  /** Ends the process; requests are answered with `failed` until `start`. Resolves when it has ended. */
  async stop(): Promise<void> {
    const closing = this.detach()?.close();
    this.setHealth({ state: 'stopped' });
    await closing;
  }

  /** A new process in place of whatever there is, also after the client has given up. */
  async restart(): Promise<void> {
    const closing = this.detach()?.close();
    this.setHealth({ state: 'stopped' });
    this.start();
    await closing;
  }

  /** Resolves as soon as the runtime is no longer starting, or `signal` aborts, with the health of that moment. */
  whenSettled(signal: AbortSignal): Promise<RuntimeHealth> {
    if (this.currentHealth.state !== 'starting' || signal.aborted) {
      return Promise.resolve(this.currentHealth);
    }
    return new Promise((resolve) => {
      const finish = () => {
        subscription.dispose();
        signal.removeEventListener('abort', finish);
        resolve(this.currentHealth);
      };
      const subscription = this.onHealthChange(({ state }) => {
        if (state !== 'starting') finish();
      });
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  /** Rejects with the failure when the runtime has failed or is stopped. */
  async whenReady(): Promise<void> {
    const health = await this.whenSettled(new AbortController().signal);
    if (health.state === 'failed') throw health.error;
    if (health.state !== 'ready') throw notRunning();
  }

  async complete(
    parameters: CompletionParameters,
    signal: AbortSignal,
    onPartial?: PartialListener,
  ): Promise<CompletionOutcome> {
    const answer = await this.request({ kind: 'complete', ...parameters }, signal, onPartial);
    switch (answer.kind) {
      case 'completion': {
        const { text, stopReason, meanLogProbability, tokens, alternatives, figures } = answer;
        if (text === '') return { kind: 'empty', figures };
        const said = { text, stopReason, meanLogProbability, tokens };
        return { kind: 'success', ...said, alternatives, figures };
      }
      case 'canceled':
      case 'failed':
        return answer;
      case 'resync':
        return { kind: 'resync' };
      case 'initialized':
      case 'documentDescribed':
      case 'memoryDescribed':
      case 'warmed':
        return { kind: 'failed', error: unexpected(answer) };
    }
  }

  /** Reads a document in the background, so that its first completion comes soon. */
  async warm(place: WarmParameters, signal: AbortSignal): Promise<WarmOutcome> {
    const answer = await this.request({ kind: 'warm', ...place }, signal);
    switch (answer.kind) {
      case 'warmed':
        return { kind: 'success', prefilledTokens: answer.prefilledTokens };
      case 'canceled':
      case 'failed':
        return answer;
      case 'resync':
        return { kind: 'resync' };
      case 'initialized':
      case 'documentDescribed':
      case 'memoryDescribed':
      case 'completion':
        return { kind: 'failed', error: unexpected(answer) };
    }
  }

  /** What the runtime holds of a document; nothing when it has none or does not answer. */
  async describeDocument(documentId: string): Promise<DocumentDescription | undefined> {
    if (this.currentHealth.state !== 'ready') return undefined;
    const { signal } = new AbortController();
    const answer = await this.request({ kind: 'describeDocument', documentId }, signal);
    return answer.kind === 'documentDescribed' ? answer.document : undefined;
  }

  /** What the runtime keeps of all documents; nothing when it does not answer. */
  async describeMemory(): Promise<MemoryDescribedResponse | undefined> {
    if (this.currentHealth.state !== 'ready') return undefined;
    const answer = await this.request({ kind: 'describeMemory' }, new AbortController().signal);
    return answer.kind === 'memoryDescribed' ? answer : undefined;
  }

  /** A runtime that is not ready has no documents; what it needs it asks for when it is. */
  notify(message: DocumentNotification): void {
    if (this.currentHealth.state === 'ready') this.connection?.notify(message);
  }

  override dispose(): void {
    void this.detach()?.close();
    // Whoever waits for the start is let go.
    this.setHealth({ state: 'stopped' });
    super.dispose();
  }

  private async request(
    message: RuntimeRequest,
    signal: AbortSignal,
    onPartial?: PartialListener,
  ): Promise<RuntimeAnswer> {
    const health = await this.whenSettled(signal);
    if (signal.aborted) return { kind: 'canceled' };
    if (health.state === 'failed') return { kind: 'failed', error: health.error };
    const connection = this.connection;
    if (connection === undefined) return { kind: 'failed', error: notRunning() };
    const answer = await connection.request(message, signal, onPartial);
    if (answer.kind === 'failed' && answer.error.code === 'deviceLost') {
      // Its engine is gone; only a new process opens the device again.
      this.recover(connection, answer.error);
    }
    return answer;
  }

  private startProcess(lastError?: RuntimeError): void {
    this.setHealth({ state: 'starting', lastError });
    this.startedAtMs = performance.now();
    let connection: RuntimeConnection;
    let initializeOptions: InitializeOptions;
    try {
      // A driver that ended one process would end the next; a start by the user tries it again.
      const avoidsGpu = lastError !== undefined;
      initializeOptions = { ...this.options.initializeOptions(), avoidsGpu };
      connection = new RuntimeConnection(this.options.startProcess(), this.options.logger);
    } catch (error) {
      this.options.logger.error(`runtime.start: ${describeError(error)}`);
      const message = 'The model runtime could not be started. The log says why.';
      this.scheduleRestart(new RuntimeError('runtimeExited', message, { cause: error }));
      return;
    }
    this.connection = connection;
    connection.onExit((error) => {
      this.recover(connection, error);
    });
    connection.onEngineChanged((engine) => {
      this.options.logger.info(`runtime: runs on ${engine.name} (${engine.device})`);
      const health = this.currentHealth;
      if (this.connection === connection && health.state === 'ready') {
        this.setHealth({ ...health, engine });
      }
    });
    void this.handshake(connection, initializeOptions);
  }

  private async handshake(
    connection: RuntimeConnection,
    options: InitializeOptions,
  ): Promise<void> {
    const answer = await connection.initialize(options);
    if (this.connection !== connection) return;
    if (answer.kind === 'initialized') {
      const { model, engine, loadMs } = answer;
      this.setHealth({ state: 'ready', model, engine, loadMs });
    } else {
      this.recover(connection, answer.kind === 'failed' ? answer.error : unexpected(answer));
    }
  }

  /** Gives up a process that has ended or is of no use, and tries another where that can help. */
  private recover(connection: RuntimeConnection, error: RuntimeError): void {
    if (this.connection !== connection) return;
    this.options.logger.warn(`runtime: ${error.code}: ${error.message}`);
    void this.detach()?.close();
    if (isPermanent(error.code)) this.setHealth({ state: 'failed', error });
    else this.scheduleRestart(error);
  }

  private scheduleRestart(error: RuntimeError): void {
    const delayMs = this.policy.afterDeath(performance.now() - this.startedAtMs);
    if (delayMs === undefined) {
      this.setHealth({ state: 'failed', error });
      return;
    }
    this.options.logger.info(`runtime.restart: in ${delayMs} ms`);
    this.setHealth({ state: 'starting', lastError: error });
    this.restartTimer = setTimeout(() => {
      this.startProcess(error);
    }, delayMs);
  }

  /** From here on the connection's end is nobody's concern; its owner closes it. */
  private detach(): RuntimeConnection | undefined {
    clearTimeout(this.restartTimer);
    const connection = this.connection;
    this.connection = undefined;
    return connection;
  }

  private setHealth(health: RuntimeHealth): void {
    if (this.isDisposed) return;
    this.currentHealth = health;
    this.healthChanges.fire(health);
  }
}

function unexpected(answer: RuntimeAnswer): RuntimeError {
  return new RuntimeError('internal', `The model runtime answered with «${answer.kind}».`);
}

function notRunning(): RuntimeError {
  return new RuntimeError('runtimeExited', 'The model runtime is not running.');
}

import { createEngine, type LoadWeights } from './engines/createEngine';
import type { Engine } from './engines/engine';
import { createGpuEngine, isFaster } from './engines/fasterEngine';
import { collectGarbage } from './garbage';
import { giveBackCode } from './systemMemory';
import { Completer } from './generation/completer';
import { log } from './log';
import { prepareText } from './generation/promptFormat';
import { openModel } from './model/loadModel';
import { RuntimeError, type RuntimeErrorCode } from './protocol/errors';
import type {
  ClientMessage,
  CompleteRequest,
  EngineInfo,
  InitializeRequest,
  InitializedResponse,
  RuntimeMessage,
  WarmRequest,
} from './protocol/messages';
import { PROTOCOL_VERSION } from './protocol/version';
import { Scheduler } from './scheduler';

/** The scheduler's numbers for the runtime's own jobs; clients count from 1. */
const ENGINE_JOB = 0;
const SETTLING_JOB = -1;
/** In place of a document's id: a job replaces an older one of the same document. */
const THREAD_CHECK = 'threads';
const SETTLING = 'settling';
/**
 * After so long the number of threads is chosen: at the start somebody waits for the first suggestion. Again later, since other work
 * takes the cores while the window starts.
 */
const THREAD_CHECKS_MS = [4_000, 20_000, 120_000];
/** A GPU is opened after so long: until then the processor is for the first suggestion, which somebody waits for. */
const GPU_DELAY_MS = 2_000;
/** As long as that the first suggestion has nothing beside it; again later, when other work was in the way. */
const SETTLING_DELAY_MS = 10_000;
/** After these the device or its driver is of no use. */
const GPU_FAILURES: readonly RuntimeErrorCode[] = [
  'deviceLost',
  'engineUnavailable',
  'outOfMemory',
];

const LAST_PROCESS_ENDED =
  'The last runtime process ended by itself, and the GPU’s driver may have been why. “Restart Runtime” tries the GPU again.';

/** Answers the client's messages with the model. One per process; `send` is the only way out. */
export class Runtime {
  private readonly scheduler = new Scheduler(() => mostDocuments(this.engine));
  private completer: Completer | undefined;
  private engine: Engine | undefined;
  private initializing: Promise<InitializedResponse> | undefined;
  private initialized: InitializeRequest | undefined;
  /** Reads the model's weights again, for another engine. */
  private loadWeights: LoadWeights | undefined;
  private gpuFailure: EngineInfo['gpuFailure'];
  /** The processor is taking the GPU's place. */
  private leaving: Promise<void> | undefined;
  private isDisposed = false;
  private threadCheck: NodeJS.Timeout | undefined;
  private gpuTrial: NodeJS.Timeout | undefined;
  private settling: NodeJS.Timeout | undefined;

  constructor(private readonly send: (message: RuntimeMessage) => void) {}

  /** Never throws: every failure becomes a `failed` message. `shutdown` is the caller's to act on. */
  async handle(message: ClientMessage): Promise<void> {
    switch (message.kind) {
      case 'initialize':
        return this.answerInitialize(message);
      case 'complete':
      case 'warm':
        return this.schedule(message);
      case 'cancel':
        return this.scheduler.cancel(message.requestId);
      case 'openDocument':
        return this.completer?.documents.open(message);
      case 'appendToDocument':
        return this.completer?.documents.append(message);
      case 'changeDocument':
        return this.completer?.documents.change(message);
      case 'relateFiles':
        return this.completer?.documents.related.ask(message);
      case 'closeDocument':
        this.scheduler.cancelDocument(message.documentId);
        return this.completer?.documents.close(message.documentId);
      case 'describeDocument':
        return this.describe(message.requestId, message.documentId);
      case 'describeMemory':
        return this.describeMemory(message.requestId);
      case 'clearStates':
        return this.completer?.documents.clearStates(message.documentId);
      case 'shutdown':
        return this.dispose();
    }
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
    clearTimeout(this.threadCheck);
    clearTimeout(this.gpuTrial);
    clearTimeout(this.settling);
    this.completer?.dispose();
    this.completer = undefined;
    await this.engine?.dispose();
    this.engine = undefined;
  }

  private async answerInitialize(request: InitializeRequest): Promise<void> {
    try {
      if (this.initializing) throw new RuntimeError('internal', 'The runtime is initialized once.');
      this.initializing = this.initialize(request);
      this.send(await this.initializing);
      this.settleLater();
      this.gpuTrial = setTimeout(() => void this.tryGpu(request), GPU_DELAY_MS).unref();
      if (request.threads === 0) this.planThreadCheck(request.requestId, THREAD_CHECKS_MS);
    } catch (error) {
      this.sendFailure(request.requestId, error);
    }
  }

  private async initialize(request: InitializeRequest): Promise<InitializedResponse> {
    if (request.protocolVersion !== PROTOCOL_VERSION) {
      throw new RuntimeError(
        'protocolMismatch',
        `The extension speaks protocol ${request.protocolVersion}, the runtime ${PROTOCOL_VERSION}. Reload the window; if that does not help, reinstall the extension.`,
      );
    }
    const start = performance.now();
    const model = await openModel(request.modelFolder);
    const kept = request.weights === 'int4' ? 'int4' : model.preferredWeights;
    let weightsReadMs = 0;
    const engineCreation = this.createEngine({ ...request, weights: kept }, async (allocate) => {
      const weights = await model.loadWeights(allocate);
      weightsReadMs = performance.now() - start;
      return weights;
    });
    // The tokenizer is made while the weights are read.
    const { tokenizer, format } = await orDispose(engineCreation, () => prepareText(model));
    const engine = await engineCreation;
    this.engine = engine;
    // The model may prefer other weights than the request has: engines made later keep what this one does.
    this.initialized = { ...request, weights: kept };
    this.loadWeights = model.loadWeights;
    this.completer = new Completer(engine, tokenizer, format, request.stateBudgetBytes);
    const end = performance.now();
    log(
      'runtime.load',
      `${model.name}: weights read after ${weightsReadMs.toFixed(0)} ms, engine ${engine.info.name} (${engine.info.device}) ready after ${(end - start).toFixed(0)} ms`,
    );
    return {
      kind: 'initialized',
      requestId: request.requestId,
      protocolVersion: PROTOCOL_VERSION,
      model: model.info,
      engine: this.describeEngine(engine),
      loadMs: end - start,
    };
  }

  private async createEngine(
    request: InitializeRequest,
    loadWeights: LoadWeights,
  ): Promise<Engine> {
    const { engine, replacesGpu, avoidsGpu } = request;
    if (engine !== 'webgpu' || !replacesGpu) return createEngine(request, loadWeights);
    try {
      if (avoidsGpu) throw new RuntimeError('engineUnavailable', LAST_PROCESS_ENDED);
      return await createEngine(request, loadWeights);
    } catch (error) {
      if (!isGpuFailure(error)) throw error;
      log('runtime.load', `${error.message} The processor is used instead.`);
      return this.createProcessor(error, request, loadWeights);
    }
  }

  /** In place of the GPU, which `failure` has ended. */
  private createProcessor(
    { code, message }: RuntimeError,
    request: InitializeRequest,
    loadWeights: LoadWeights,
  ): Promise<Engine> {
    this.gpuFailure = { code, message };
    return createEngine({ ...request, engine: 'cpu' }, loadWeights);
  }

  private describeEngine({ info }: Engine): EngineInfo {
    return this.gpuFailure === undefined ? info : { ...info, gpuFailure: this.gpuFailure };
  }

  /** With `auto`, after the processor is ready: a machine without a GPU is as fast as before. */
  private async tryGpu({ engine, avoidsGpu, requestId }: InitializeRequest): Promise<void> {
    const { initialized, loadWeights } = this;
    if (engine !== 'auto' || avoidsGpu || !initialized || !loadWeights) return;
    const gpu = await createGpuEngine(loadWeights, initialized.weights);
    if (!gpu) return;
    this.scheduler.add({
      requestId: ENGINE_JOB,
      documentId: '',
      isBackground: true,
      onCanceled: () => undefined,
      run: async () => {
        const { engine } = this;
        try {
          if (engine && !this.isDisposed && (await isFaster(gpu, engine))) {
            await this.changeEngine(gpu, requestId);
            return;
          }
        } catch (error) {
          log('runtime.load', `The GPU failed its first tokens: ${String(error)}`);
        }
        await gpu.dispose();
        this.settleLater();
      },
    });
  }

  /** After each of `delaysMs`, when nothing else is to be done; a check that gave way to other work comes again. */
  private planThreadCheck(requestId: number, delaysMs: readonly number[]): void {
    const [delayMs, ...later] = delaysMs;
    if (delayMs === undefined || this.isDisposed) return;
    const check = () => {
      this.scheduler.add({
        requestId: ENGINE_JOB,
        documentId: THREAD_CHECK,
        isBackground: true,
        onCanceled: () => this.planThreadCheck(requestId, delaysMs),
        run: async (signal) => {
          await this.chooseThreads(requestId, signal);
          this.planThreadCheck(requestId, later);
        },
      });
    };
    this.threadCheck = setTimeout(check, delayMs).unref();
  }

  private async chooseThreads(requestId: number, signal: AbortSignal): Promise<void> {
    const { engine } = this;
    if (this.isDisposed || !engine?.chooseThreads) return;
    try {
      if (!(await engine.chooseThreads(signal))) return;
      log(
        'runtime',
        `${engine.info.name} goes on with another number of threads: ${engine.info.device}`,
      );
      this.send({ kind: 'engineChanged', requestId, engine: this.describeEngine(engine) });
    } catch (error) {
      if (signal.aborted) throw error;
      log('runtime', `The number of threads could not be chosen again: ${String(error)}`);
    }
  }

  /**
   * What can wait until the first suggestion is there and nothing else is to be done: the engine's last preparations, and to give back
   * what is left of the first ones: the files that engine and tokenizer were made from may be 100 MB, and V8 would keep them for minutes.
   */
  private settleLater(): void {
    clearTimeout(this.settling);
    if (this.isDisposed) return;
    const settle = () => {
      this.scheduler.add({
        requestId: SETTLING_JOB,
        documentId: SETTLING,
        isBackground: true,
        onCanceled: () => this.settleLater(),
        run: async (signal) => {
          await this.settleEngine(signal);
          collectGarbage();
          giveBackCode();
        },
      });
    };
    this.settling = setTimeout(settle, SETTLING_DELAY_MS).unref();
  }

  private async settleEngine(signal: AbortSignal): Promise<void> {
    try {
      await this.engine?.settle?.(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      log('runtime', `The engine's last preparations failed: ${String(error)}`);
    }
  }

  /** Between two requests, or within one that is redone. */
  private async changeEngine(engine: Engine, requestId: number): Promise<void> {
    const previous = this.engine;
    this.engine = engine;
    this.completer?.changeEngine(engine);
    await previous?.dispose();
    this.settleLater();
    this.send({ kind: 'engineChanged', requestId, engine: this.describeEngine(engine) });
  }

  /** Whether the request that failed on `engine` with `error` can be redone, on the processor instead of the GPU. */
  private async leaveGpu(engine: Engine | undefined, error: unknown): Promise<boolean> {
    const { initialized: request, loadWeights } = this;
    if (engine?.info.name !== 'webgpu' || this.isDisposed) return false;
    // Of several that ran beside each other, another one has left it.
    if (engine !== this.engine) return true;
    if (!request || !loadWeights || !isGpuFailure(error)) return false;
    this.leaving ??= this.replaceGpu(error, request, loadWeights).finally(() => {
      this.leaving = undefined;
    });
    await this.leaving;
    return true;
  }

  private async replaceGpu(
    error: RuntimeError,
    request: InitializeRequest,
    loadWeights: LoadWeights,
  ): Promise<void> {
    log('runtime', `${error.message} The request is redone on the processor.`);
    const processor = await this.createProcessor(error, request, loadWeights);
    await this.changeEngine(processor, request.requestId);
  }

  private describe(requestId: number, documentId: string): void {
    const document = this.completer?.describe(documentId);
    this.send({ kind: 'documentDescribed', requestId, ...(document ? { document } : {}) });
  }

  private describeMemory(requestId: number): void {
    this.send({
      kind: 'memoryDescribed',
      requestId,
      documents: this.completer?.describeMemory() ?? [],
      budgetBytes: this.completer?.documents.budgetBytes ?? 0,
      residentBytes: process.memoryUsage.rss(),
    });
  }

  private schedule(request: CompleteRequest | WarmRequest): void {
    const { completer } = this;
    if (!completer) {
      this.sendFailure(
        request.requestId,
        new RuntimeError('internal', 'The runtime has not been initialized.'),
      );
      return;
    }
    this.scheduler.add({
      requestId: request.requestId,
      documentId: request.documentId,
      isBackground: request.kind === 'warm' || request.isAhead === true,
      isShared: request.kind === 'warm',
      onCanceled: () => this.send({ kind: 'canceled', requestId: request.requestId }),
      run: async (signal) => {
        try {
          this.send(await this.answer(completer, request, signal));
        } catch (error) {
          if (signal.aborted) throw error;
          this.sendFailure(request.requestId, error);
        }
      },
    });
  }

  private async answer(
    completer: Completer,
    request: CompleteRequest | WarmRequest,
    signal: AbortSignal,
  ): Promise<RuntimeMessage> {
    const { engine } = this;
    try {
      return await answer(completer, request, signal, this.send);
    } catch (error) {
      if (!(await this.leaveGpu(engine, error))) throw error;
      return answer(completer, request, signal, this.send);
    }
  }

  private sendFailure(requestId: number, error: unknown): void {
    const failure =
      error instanceof RuntimeError
        ? error
        : new RuntimeError('internal', `Unexpected failure: ${String(error)}`, { cause: error });
    const detail = failure.cause instanceof Error ? (failure.cause.stack ?? '') : '';
    log('runtime', `${failure.code}: ${failure.message} ${detail}`.trimEnd());
    this.send({ kind: 'failed', requestId, code: failure.code, message: failure.message });
  }
}

/** How many documents are warmed at once. */
function mostDocuments(engine: Engine | undefined): number {
  return engine?.prefillMany ? (engine.info.maxSequences ?? 1) : 1;
}

async function answer(
  completer: Completer,
  request: CompleteRequest | WarmRequest,
  signal: AbortSignal,
  send: (message: RuntimeMessage) => void,
): Promise<RuntimeMessage> {
  if (request.kind === 'warm') {
    const warmed = await completer.warm(request, signal);
    if (!warmed) return resync(request);
    log('gen.warm', `request ${request.requestId}: ${warmed.prefilledTokens} tokens read`);
    return warmed;
  }
  const { requestId } = request;
  const completion = await completer.complete(request, signal, (text) => {
    send({ kind: 'partialCompletion', requestId, text });
  });
  if (!completion) return resync(request);
  const { figures } = completion;
  log(
    'gen.complete',
    `request ${request.requestId}: prompt ${figures.promptTokens} tokens, ${figures.reusedTokens} reused (${figures.reuse}), ` +
      `states ${(completer.documents.sizeBytes / 2 ** 20).toFixed(0)} MB, prefill ${figures.prefillMs.toFixed(0)} ms; ` +
      `${figures.generatedTokens} tokens in ${figures.decodeMs.toFixed(0)} ms, stopped by ${completion.stopReason}`,
  );
  return completion;
}

function isGpuFailure(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && GPU_FAILURES.includes(error.code);
}

function resync({ requestId, documentId }: CompleteRequest | WarmRequest): RuntimeMessage {
  log('runtime', `request ${requestId}: its document has to be sent again`);
  return { kind: 'resync', requestId, documentId };
}

/** Makes something beside an engine; when that fails, the engine is disposed as soon as it is there. */
async function orDispose<Made>(engine: Promise<Engine>, make: () => Made): Promise<Made> {
  try {
    return make();
  } catch (error) {
    await engine.then(
      (created) => created.dispose(),
      // The first failure is the one that is told.
      () => undefined,
    );
    throw error;
  }
}

import type { Engine, RecurrentState } from '../engines/engine';
import { RuntimeError } from '../protocol/errors';
import type {
  CompleteRequest,
  CompletionResponse,
  DocumentDescription,
  DocumentMemory,
  GeneratedToken,
  WarmedResponse,
  WarmRequest,
} from '../protocol/messages';
import { DocumentStore, type TrackedDocument } from '../state/documentStore';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { DocumentReader, type ReadResult } from './documentReader';
import { generate, type Generated } from './generate';
import type { PromptFormat } from './promptFormat';
import { createStopRule } from './stopRules';

/** Completes and warms documents, one request at a time, on one engine. Owns the engine's states, not the engine. */
export class Completer {
  readonly documents: DocumentStore;
  private state: RecurrentState;
  private reader: DocumentReader;

  constructor(
    private engine: Engine,
    private readonly tokenizer: ModelTokenizer,
    private readonly format: PromptFormat,
    stateBudgetBytes: number,
  ) {
    this.state = engine.createState();
    this.documents = new DocumentStore(stateBudgetBytes);
    this.reader = new DocumentReader(engine, this.state, tokenizer, format, this.documents);
  }

  /** Answers nothing when the document has to be opened again. Throws the signal's reason when it aborts. */
  async complete(
    request: CompleteRequest,
    signal: AbortSignal,
    onText?: (text: string) => void,
  ): Promise<CompletionResponse | undefined> {
    const start = performance.now();
    const document = this.documents.find(request);
    if (!document) return undefined;
    // The document may change while its text is read: what the stop rule looks at is taken now.
    const line = document.text.line(request.position.line).slice(0, request.position.character);
    const { insertion } = request;
    const cursorLine = insertion
      ? document.text.line(insertion.start.line).slice(0, insertion.start.character) +
        insertion.text
      : line;
    const lastLine = cursorLine.slice(cursorLine.lastIndexOf('\n') + 1);
    const prompt = await this.reader.read(document, request, signal);
    if (!prompt.logits) throw new RuntimeError('internal', 'A prompt was empty.');
    if (!request.isAhead) this.note(document, prompt);
    const prefilled = performance.now();
    const generated = await generate(
      this.engine,
      this.tokenizer,
      this.state,
      prompt.logits,
      {
        maxTokens: request.maxTokens,
        prompt: prompt.history,
        isStop: this.format.isStop,
        sampling: {
          temperature: request.temperature,
          topP: request.topP,
          random: Math.random,
        },
        stopRule: createStopRule({
          shape: request.shape,
          maxLines: request.maxLines,
          prefix: lastLine,
          suffix: prompt.suffix,
        }),
        leastLogProbability: request.leastLogProbability,
        onText: request.streams ? onText : undefined,
      },
      signal,
    );
    const end = performance.now();
    if (document.last && !request.isAhead) document.last.generated = () => this.tokensOf(generated);
    return {
      kind: 'completion',
      requestId: request.requestId,
      text: generated.text,
      stopReason: generated.stopReason,
      meanLogProbability: generated.meanLogProbability,
      tokens: generated.tokenProbabilities,
      figures: {
        promptTokens: prompt.promptTokens,
        reusedTokens: prompt.promptTokens - prompt.tokensRead,
        reuse: prompt.reuse,
        prefillMs: prefilled - start,
        generatedTokens: generated.tokens.length,
        decodeMs: end - prefilled,
        totalMs: end - start,
      },
    };
  }

  /** Reads the context and region before the cursor, so that the next request finds its state. As `complete`. */
  async warm(request: WarmRequest, signal: AbortSignal): Promise<WarmedResponse | undefined> {
    const document = this.documents.find(request);
    if (!document) return undefined;
    const { position, contextCharacters } = request;
    const { tokensRead } = await this.reader.read(
      document,
      { position, contextCharacters },
      signal,
    );
    return { kind: 'warmed', requestId: request.requestId, prefilledTokens: tokensRead };
  }

  describe(documentId: string): DocumentDescription | undefined {
    const document = this.documents.get(documentId);
    if (!document) return undefined;
    const { version, path, text, states, requests, cursorHits, last } = document;
    return {
      version,
      path,
      lineCount: text.lineCount,
      sizeCharacters: text.sizeCharacters,
      states: states.describe(),
      requests,
      cursorHits,
      ...(last ? { last: { ...last, prompt: last.prompt(), generated: last.generated?.() } } : {}),
      heldBytes: this.documents.sizeBytes,
      budgetBytes: this.documents.budgetBytes,
    };
  }

  describeMemory(): DocumentMemory[] {
    return this.documents.list().map(({ id, states }) => ({
      documentId: id,
      states: states.count,
      sizeBytes: states.sizeBytes,
    }));
  }

  /** Goes on with another engine: the texts stay, the states go. Not while a request runs. */
  changeEngine(engine: Engine): void {
    this.documents.clearStates(undefined);
    this.state.dispose();
    this.engine = engine;
    this.state = engine.createState();
    this.reader = new DocumentReader(
      engine,
      this.state,
      this.tokenizer,
      this.format,
      this.documents,
    );
  }

  dispose(): void {
    this.documents.dispose();
    this.state.dispose();
  }

  private tokensOf({ tokens, tokenProbabilities }: Generated): GeneratedToken[] {
    return tokens.map((token, i) => ({
      text: this.tokenizer.decode([token]),
      logProbability: tokenProbabilities[i]?.logProbability ?? 0,
    }));
  }

  private note(document: TrackedDocument, prompt: ReadResult): void {
    const { promptTokens, tokensRead, reuse, reason, prompt: text } = prompt;
    document.requests++;
    if (reuse === 'cursor') document.cursorHits++;
    document.last = { promptTokens, tokensRead, reuse, reason, prompt: text };
  }
}

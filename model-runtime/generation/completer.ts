import type { Engine, RecurrentState } from '../engines/engine';
import { RuntimeError } from '../protocol/errors';
import type {
  CompleteRequest,
  CompletionResponse,
  CompletionText,
  DocumentDescription,
  DocumentMemory,
  GeneratedToken,
  WarmedResponse,
  WarmRequest,
} from '../protocol/messages';
import { DocumentStore, type TrackedDocument } from '../state/documentStore';
import type { RelatedRoot } from '../state/relatedFiles';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { DocumentReader, type ReadPlace, type ReadResult } from './documentReader';
import { generateAlternatives } from './alternatives';
import { generate } from './generate';
import type { WritingOptions, Written } from './writing';
import type { PromptFormat } from './promptFormat';
import { SharedPrefill } from './sharedPrefill';
import { createStopRule } from './stopRules';

/** Background reading first reads a context so long, which the first key after a jump would read too. */
const SOON_TOKENS = 96;
/** What one document keeps without its view, twice. */
const LEAST_STATES_FOR_VIEW = 20;
/** A key that has to read fewer need not be prepared for. */
const FEW_TOKENS = 16;

/**
 * Completes documents, one request at a time, and warms several at once, on one engine. Owns the engine's states, not the engine.
 */
export class Completer {
  readonly documents: DocumentStore;
  private state: RecurrentState;
  private prefill: SharedPrefill;
  /** A document is being warmed on `state`: others need one of their own. */
  private isStateTaken = false;

  constructor(
    private engine: Engine,
    private readonly tokenizer: ModelTokenizer,
    private readonly format: PromptFormat,
    stateBudgetBytes: number,
  ) {
    this.state = engine.createState();
    this.documents = new DocumentStore(stateBudgetBytes);
    this.prefill = new SharedPrefill(engine);
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
    const prompt = await this.reading(this.state, (reader) =>
      reader.read(document, request, signal),
    );
    if (!hasLogits(prompt)) throw new RuntimeError('internal', 'A prompt was empty.');
    if (!request.isAhead) this.note(document, prompt);
    const prefilled = performance.now();
    const writing: WritingOptions = {
      maxTokens: request.maxTokens,
      isStop: this.format.isStop,
      stopRule: createStopRule({
        shape: request.shape,
        maxLines: request.maxLines,
        prefix: lastLine,
        suffix: prompt.suffix,
      }),
      leastLogProbability: request.leastLogProbability,
    };
    const [generated, ...alternatives] = await this.write(request, prompt, writing, signal, onText);
    const end = performance.now();
    if (document.last && !request.isAhead) document.last.generated = () => this.tokensOf(generated);
    return {
      kind: 'completion',
      requestId: request.requestId,
      ...toText(generated),
      ...(request.alternatives ? { alternatives: alternatives.map(toText) } : {}),
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

  /** The text, and as many others as were asked for and are worth showing. */
  private async write(
    request: CompleteRequest,
    prompt: ReadResult & { logits: Float32Array },
    writing: WritingOptions,
    signal: AbortSignal,
    onText: ((text: string) => void) | undefined,
  ): Promise<[Written, ...Written[]]> {
    const { engine, tokenizer, state } = this;
    const { temperature, topP, alternatives, streams } = request;
    const sampling = { temperature, topP, random: Math.random };
    if (alternatives) {
      const options = { ...writing, sampling, count: 1 + alternatives };
      return distinct(
        await generateAlternatives(engine, tokenizer, state, prompt.logits, options, signal),
      );
    }
    const options = {
      ...writing,
      sampling,
      prompt: prompt.history,
      onText: streams ? onText : undefined,
    };
    return [await generate(engine, tokenizer, state, prompt.logits, options, signal)];
  }

  /**
   * Reads the context and region before the cursor, so that the next request finds its state. As `complete`, but different
   * documents may be warmed at once.
   */
  async warm(request: WarmRequest, signal: AbortSignal): Promise<WarmedResponse | undefined> {
    const document = this.documents.find(request);
    if (!document) return undefined;
    const { position, contextCharacters, view } = request;
    const whole = { position, contextCharacters };
    const soon = { ...whole, maxReadTokens: SOON_TOKENS, isNeededSoon: true };
    const prefilledTokens = await this.withState((state) =>
      this.reading(state, async (reader) => {
        const needed = neededSoon(reader, document, soon, whole);
        const isFirst = needed === 'short';
        const first = isFirst ? (await reader.read(document, soon, signal)).tokensRead : 0;
        const rest = { ...whole, isNeededSoon: needed === 'whole' };
        const { tokensRead } = await reader.read(document, rest, signal);
        const isViewRead = view && this.hasRoomForView();
        const inView = isViewRead ? await reader.readView(document, view, whole, signal) : 0;
        return first + tokensRead + inView;
      }),
    );
    return { kind: 'warmed', requestId: request.requestId, prefilledTokens };
  }

  /** In a small budget states in view would take the place of what they are read from. */
  private hasRoomForView(): boolean {
    return this.documents.budgetBytes >= LEAST_STATES_FOR_VIEW * this.engine.info.stateSizeBytes;
  }

  /** Several may use states at once; each has one. */
  private async withState<T>(use: (state: RecurrentState) => Promise<T>): Promise<T> {
    if (this.isStateTaken) {
      const own = this.engine.createState();
      return use(own).finally(() => own.dispose());
    }
    const { state } = this;
    this.isStateTaken = true;
    return use(state).finally(() => {
      // After a change of engines it is another one.
      if (state === this.state) this.isStateTaken = false;
    });
  }

  private reading<T>(
    state: RecurrentState,
    use: (reader: DocumentReader) => Promise<T>,
  ): Promise<T> {
    const { tokenizer, format, documents } = this;
    const hasDrafts = this.engine.info.maxDraftTokens !== undefined;
    return this.prefill.asReader((engine) =>
      use(new DocumentReader(engine, hasDrafts, state, tokenizer, format, documents)),
    );
  }

  describe(documentId: string): DocumentDescription | undefined {
    const document = this.documents.get(documentId);
    if (!document) return undefined;
    const { version, path, text, states, requests, cursorHits, last } = document;
    const root = this.documents.related.rootOf(documentId);
    return {
      version,
      path,
      lineCount: text.lineCount,
      sizeCharacters: text.sizeCharacters,
      states: states.describe(),
      ...(root ? { related: describeRoot(root) } : {}),
      requests,
      cursorHits,
      ...(last ? { last: { ...last, prompt: last.prompt(), generated: last.generated?.() } } : {}),
      heldBytes: this.documents.sizeBytes,
      budgetBytes: this.documents.budgetBytes,
    };
  }

  describeMemory(): DocumentMemory[] {
    return this.documents.list().map(({ id, states }) => {
      const after = this.documents.related.rootOf(id)?.snapshot;
      return {
        documentId: id,
        states: states.count + (after ? 1 : 0),
        sizeBytes: states.sizeBytes + (after?.sizeBytes ?? 0),
      };
    });
  }

  /** Goes on with another engine: the texts stay, the states go. Not while a request runs. */
  changeEngine(engine: Engine): void {
    this.documents.clearStates(undefined);
    this.state.dispose();
    this.engine = engine;
    this.state = engine.createState();
    this.prefill = new SharedPrefill(engine);
    this.isStateTaken = false;
  }

  dispose(): void {
    this.documents.dispose();
    this.state.dispose();
  }

  private tokensOf({ tokens, tokenProbabilities }: Written): GeneratedToken[] {
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

/** What the next key would have to wait for: the `whole` context, a short one because that takes much longer, or hardly anything. */
function neededSoon(
  reader: DocumentReader,
  document: TrackedDocument,
  soon: ReadPlace,
  whole: ReadPlace,
): 'whole' | 'short' | 'nothing' {
  const tokens = reader.tokensToRead(document, soon);
  if (tokens < FEW_TOKENS) return 'nothing';
  return reader.tokensToRead(document, whole) > tokens + SOON_TOKENS ? 'short' : 'whole';
}

function describeRoot({ files, tokensRead, snapshot }: RelatedRoot) {
  return { files, tokensRead, sizeBytes: snapshot?.sizeBytes ?? 0 };
}

function hasLogits(prompt: ReadResult): prompt is ReadResult & { logits: Float32Array } {
  return prompt.logits !== undefined;
}

/** Without those that are empty or come again, but for the first when nothing else is left. */
function distinct(all: readonly Written[]): [Written, ...Written[]] {
  const texts = new Set<string>();
  const [best, ...others] = all.filter(({ text }) => {
    const isNew = text.trim() !== '' && !texts.has(text);
    texts.add(text);
    return isNew;
  });
  const [first] = all;
  if (best) return [best, ...others];
  if (first) return [first];
  throw new RuntimeError('internal', 'Nothing was generated.');
}

function toText({
  text,
  stopReason,
  meanLogProbability,
  tokenProbabilities,
}: Written): CompletionText {
  return { text, stopReason, meanLogProbability, tokens: tokenProbabilities };
}

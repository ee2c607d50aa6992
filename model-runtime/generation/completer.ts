import type { Engine, RecurrentState } from '../engines/engine';
import type { SpecialTokens } from '../model/config';
import type {
  CompleteRequest,
  CompletionResponse,
  DocumentContext,
  WarmedResponse,
  WarmRequest,
} from '../protocol/messages';
import { StateCache } from '../state/stateCache';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { generate } from './generate';
import { prefill } from './prefill';
import { buildPlainPrompt, buildPrompt, type Prompt } from './prompt';
import { createStopRule } from './stopRules';

/** Ids below this are special in every tokenizer of the product (docs/model-format.md). */
const FIRST_TEXT_TOKEN = 16;
/** Documents whose region start is remembered. */
const REMEMBERED_DOCUMENTS = 64;

/** Completes and warms documents, one request at a time, on one engine. Owns the engine's states, not the engine. */
export class Completer {
  private readonly state: RecurrentState;
  private readonly cache: StateCache;
  /** By document, least recently used first: the lines before the last request's region. */
  private readonly linesBefore = new Map<string, string>();

  constructor(
    private readonly engine: Engine,
    private readonly tokenizer: ModelTokenizer,
    private readonly special: SpecialTokens,
    stateBudgetBytes: number,
  ) {
    this.state = engine.createState();
    this.cache = new StateCache(stateBudgetBytes);
  }

  /** Throws the signal's reason when it aborts. */
  async complete(request: CompleteRequest, signal: AbortSignal): Promise<CompletionResponse> {
    const start = performance.now();
    const previous = this.linesBefore.get(request.documentId);
    const prompt = buildPrompt(request, previous, this.tokenizer, this.special);
    this.remember(request.documentId, prompt.linesBefore);
    const { logits, reusedTokens } = await this.prefill(request, prompt, signal);
    const prefilled = performance.now();
    const generated = await generate(
      this.engine,
      this.tokenizer,
      this.state,
      logits,
      {
        maxTokens: request.maxTokens,
        prompt: prompt.tokens,
        firstTextToken: FIRST_TEXT_TOKEN,
        sampling: {
          temperature: request.temperature,
          topP: request.topP,
          random: Math.random,
        },
        stopRule: createStopRule(request),
      },
      signal,
    );
    const end = performance.now();
    return {
      kind: 'completion',
      requestId: request.requestId,
      text: generated.text,
      stopReason: generated.stopReason,
      meanLogProbability: generated.meanLogProbability,
      figures: {
        promptTokens: prompt.tokens.length,
        reusedTokens,
        prefillMs: prefilled - start,
        generatedTokens: generated.tokens.length,
        decodeMs: end - prefilled,
        totalMs: end - start,
      },
    };
  }

  /** Reads the lines before the cursor's region, so that the first request finds their state. */
  async warm(request: WarmRequest, signal: AbortSignal): Promise<WarmedResponse> {
    const prompt = buildPlainPrompt(request, this.tokenizer, this.special);
    const { reusedTokens } = await this.prefill(request, prompt, signal);
    this.cache.store(request.documentId, 'text', prompt.tokens, this.state.snapshot());
    return {
      kind: 'warmed',
      requestId: request.requestId,
      prefilledTokens: prompt.tokens.length - reusedTokens,
    };
  }

  closeDocument(documentId: string): void {
    this.linesBefore.delete(documentId);
    this.cache.closeDocument(documentId);
  }

  dispose(): void {
    this.cache.dispose();
    this.state.dispose();
  }

  private prefill(context: DocumentContext, prompt: Prompt, signal: AbortSignal) {
    return prefill(this.engine, this.cache, this.state, context.documentId, prompt, signal);
  }

  private remember(documentId: string, linesBefore: string): void {
    this.linesBefore.delete(documentId);
    this.linesBefore.set(documentId, linesBefore);
    if (this.linesBefore.size <= REMEMBERED_DOCUMENTS) return;
    for (const oldest of this.linesBefore.keys()) {
      this.linesBefore.delete(oldest);
      break;
    }
  }
}

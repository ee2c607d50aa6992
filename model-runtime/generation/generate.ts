import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine, RecurrentState } from '../engines/engine';
import { sample, type SamplingOptions } from '../sampling/sample';
import type { StopReason, TokenProbability } from '../protocol/messages';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { createDecoder } from './draftDecoder';
import type { StopRule } from './stopRules';

export interface GenerateOptions {
  maxTokens: number;
  /** What the state has read, for guesses that are copied from it; without it every token is decoded by itself. */
  prompt?: Int32Array | undefined;
  /** Whether a token ends the text. */
  isStop: (token: number) => boolean;
  sampling: SamplingOptions;
  stopRule: StopRule;
  /** As `CompleteRequest.leastLogProbability`. */
  leastLogProbability?: number | undefined;
  /** Told the text so far, whole characters only, after each token that does not end it. */
  onText?: ((text: string) => void) | undefined;
}

export interface Generated {
  text: string;
  stopReason: StopReason;
  /** Sampled tokens, without the special one that ended the text. */
  tokens: number[];
  /** Of `tokens`. */
  meanLogProbability: number;
  /** All that were sampled, with the special one that ended the text. */
  tokenProbabilities: TokenProbability[];
  /** How often the engine read its weights for them. */
  passes: number;
}

/**
 * Decodes from `logits` (those after the prompt) until a special token, the stop rule or `maxTokens`.
 * Advances `state` past the prompt, not always to the last token. Throws the signal's reason when it aborts between two tokens.
 */
export async function generate(
  engine: Engine,
  tokenizer: ModelTokenizer,
  state: RecurrentState,
  logits: Float32Array,
  options: GenerateOptions,
  signal: AbortSignal,
): Promise<Generated> {
  const tokens: number[] = [];
  const tokenProbabilities: TokenProbability[] = [];
  const decoder = createDecoder(engine, state, options.prompt, options.isStop);
  const finish = (text: string, stopReason: StopReason): Generated => ({
    // A character whose last bytes were not generated is dropped.
    text: text.replace(/\uFFFD+$/, ''),
    stopReason,
    tokens,
    meanLogProbability: mean(
      tokenProbabilities.slice(0, tokens.length).map(({ logProbability }) => logProbability),
    ),
    tokenProbabilities,
    passes: decoder.passes,
  });

  let text = '';
  let logProbability = 0;
  for (;;) {
    // Lets a cancel message in before the next step.
    await nextTurn();
    signal.throwIfAborted();
    const next = sample(logits, options.sampling);
    if (options.isStop(next.token)) {
      tokenProbabilities.push({ end: text.length, logProbability: next.logProbability });
      return finish(text, 'specialToken');
    }
    tokens.push(next.token);
    text = tokenizer.decode(tokens);
    tokenProbabilities.push({ end: text.length, logProbability: next.logProbability });
    const stop = options.stopRule(text);
    if (stop) return finish(stop.text, stop.reason);
    logProbability += next.logProbability;
    const lastLine = text.lastIndexOf('\n');
    if (lastLine >= 0 && logProbability < (options.leastLogProbability ?? -Infinity)) {
      return finish(text.slice(0, lastLine), 'unsure');
    }
    if (tokens.length >= options.maxTokens) return finish(text, 'maxTokens');
    options.onText?.(text.replace(/\uFFFD+$/, ''));
    logits = await decoder.next(next.token);
  }
}

/** 0 of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

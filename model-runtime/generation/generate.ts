import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine, RecurrentState } from '../engines/engine';
import { sample, type SamplingOptions } from '../sampling/sample';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { createTokenChooser } from './tokenChooser';
import { Writing, type WritingOptions, type Written } from './writing';

export interface GenerateOptions extends WritingOptions {
  /** What the state has read, for guesses that are copied from it; without it every token is decoded by itself. */
  prompt?: Int32Array | undefined;
  sampling: SamplingOptions;
  /** Told the text so far, whole characters only, after each token that does not end it. */
  onText?: ((text: string) => void) | undefined;
}

export interface Generated extends Written {
  /** How often the engine read its weights. */
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
  const { prompt, isStop, sampling, maxTokens } = options;
  const chooser = createTokenChooser(engine, state, {
    prompt,
    isStop,
    sampling,
    maxTokens: maxTokens - 1,
    signal,
  });
  const writing = new Writing(tokenizer, options);
  try {
    let next = sample(logits, sampling, engine.topK?.(logits));
    for (;;) {
      // Lets a cancel message in before the next step.
      await nextTurn();
      signal.throwIfAborted();
      const written = writing.take(next);
      if (written) return { ...written, passes: chooser.passes };
      options.onText?.(writing.textSoFar);
      next = await chooser.next(next.token);
    }
  } finally {
    await chooser.close();
  }
}

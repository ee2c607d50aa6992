import type { StopReason, TokenProbability } from '../protocol/messages';
import type { SampledToken } from '../sampling/sample';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import type { StopRule } from './stopRules';

export interface WritingOptions {
  maxTokens: number;
  /** Whether a token ends the text. */
  isStop: (token: number) => boolean;
  stopRule: StopRule;
  /** As `CompleteRequest.leastLogProbability`. */
  leastLogProbability?: number | undefined;
}

/** A text that has come to its end. */
export interface Written {
  text: string;
  stopReason: StopReason;
  /** Sampled tokens, without the special one that ended the text. */
  tokens: number[];
  /** Of `tokens`. */
  meanLogProbability: number;
  /** All that were sampled, with the special one that ended the text. */
  tokenProbabilities: TokenProbability[];
}

/** One text, token by token, until something ends it. */
export class Writing {
  private tokens: number[] = [];
  private tokenProbabilities: TokenProbability[] = [];
  /** Of `tokens`, all together. */
  private logProbability = 0;
  private text = '';

  constructor(
    private readonly tokenizer: ModelTokenizer,
    private readonly options: WritingOptions,
  ) {}

  /** Whole characters only. */
  get textSoFar(): string {
    return wholeCharacters(this.text);
  }

  /** Another text that begins as this one has. */
  fork(): Writing {
    const fork = new Writing(this.tokenizer, this.options);
    fork.tokens = [...this.tokens];
    fork.tokenProbabilities = [...this.tokenProbabilities];
    fork.logProbability = this.logProbability;
    fork.text = this.text;
    return fork;
  }

  /** Adds a token; answers the text when that ends it. */
  take({ token, logProbability }: SampledToken): Written | undefined {
    const { isStop, stopRule, maxTokens, leastLogProbability = -Infinity } = this.options;
    if (isStop(token)) {
      this.tokenProbabilities.push({ end: this.text.length, logProbability });
      return this.finish(this.text, 'specialToken');
    }
    this.tokens.push(token);
    this.text = this.tokenizer.decode(this.tokens);
    this.tokenProbabilities.push({ end: this.text.length, logProbability });
    this.logProbability += logProbability;
    const stop = stopRule(this.text);
    if (stop) return this.finish(stop.text, stop.reason);
    const lastLine = this.text.lastIndexOf('\n');
    if (lastLine >= 0 && this.logProbability < leastLogProbability) {
      return this.finish(this.text.slice(0, lastLine), 'unsure');
    }
    if (this.tokens.length >= maxTokens) return this.finish(this.text, 'maxTokens');
    return undefined;
  }

  private finish(text: string, stopReason: StopReason): Written {
    const { tokens, tokenProbabilities, logProbability } = this;
    const meanLogProbability = logProbability / Math.max(1, tokens.length);
    return {
      text: wholeCharacters(text),
      stopReason,
      tokens,
      meanLogProbability,
      tokenProbabilities,
    };
  }
}

/** A character whose last bytes were not generated is dropped. */
function wholeCharacters(text: string): string {
  return text.replace(/\uFFFD+$/, '');
}

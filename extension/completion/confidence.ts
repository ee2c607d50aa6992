import type { TokenProbability } from '../../model-runtime/protocol/messages';
import type { Settings } from '../settings/table';

/** What the model said, LF only, and how sure it was. */
export interface ModelText {
  readonly text: string;
  /** In order; ends count UTF-16 units of `text`. Tokens beyond it may follow. */
  readonly tokens: readonly TokenProbability[];
  /** False when the tokens ran out before the model or a stop rule ended the text. */
  readonly isFinished: boolean;
}

/** Logistic regression of «the line is right» on its log-probability; docs/quality.md says on what and how well it fits. */
const SLOPE = 0.8;
const INTERCEPT = 0.8;

/** Least expected acceptance of what is shown. */
const LEAST_ACCEPTANCE: Readonly<Record<Settings['confidence'], number>> = {
  all: 0,
  balanced: 0.15,
  sure: 0.4,
};

/** Share of suggestions of this log-probability, the sum over their tokens with the one that ends them, that are right. */
export function expectedAcceptance(logProbability: number): number {
  return 1 / (1 + Math.exp(-(INTERCEPT + SLOPE * logProbability)));
}

/** The lines that are likely enough to be right, each together with all before it. Empty when not even the first one is. */
export function keepSureLines(
  { text, tokens, isFinished }: ModelText,
  level: Settings['confidence'],
): ModelText {
  let end = 0;
  for (const line of linesOf(text)) {
    const logProbability = sumUpTo(tokens, line.end);
    if (line.isFilled && expectedAcceptance(logProbability) < LEAST_ACCEPTANCE[level]) {
      return { text: text.slice(0, end), tokens, isFinished: true };
    }
    if (line.isFilled) end = line.end;
  }
  return { text, tokens, isFinished };
}

/** What is left when its first `length` characters have been typed. */
export function afterTyping({ text, tokens, isFinished }: ModelText, length: number): ModelText {
  return {
    text: text.slice(length),
    tokens: tokens
      .filter((token) => token.end > length)
      .map(({ end, logProbability }) => ({ end: end - length, logProbability })),
    isFinished,
  };
}

function linesOf(text: string): { end: number; isFilled: boolean }[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const end = start + line.length;
    start = end + 1;
    return { end, isFilled: line.trim() !== '' };
  });
}

/** Of all tokens that begin at or before `end`: the one that ends the line is among them. */
function sumUpTo(tokens: readonly TokenProbability[], end: number): number {
  let sum = 0;
  let start = 0;
  for (const token of tokens) {
    if (start > end) break;
    sum += token.logProbability;
    start = token.end;
  }
  return sum;
}

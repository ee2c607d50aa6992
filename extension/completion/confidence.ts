import type { TokenProbability } from '../../model-runtime/protocol/messages';
import type { Settings } from '../settings/table';

/** What the model said, LF only, and how sure it was. */
export interface ModelText {
  readonly text: string;
  /** In order; ends count UTF-16 units of `text`. Tokens beyond it may follow. */
  readonly tokens: readonly TokenProbability[];
  /** False when the tokens ran out before the model or a stop rule ended the text. */
  readonly isFinished: boolean;
  /** It was asked for where nothing but spaces stood before the cursor on its line. */
  readonly startsLine: boolean;
}

/** Logistic regression of «the line is right» on its log-probability; docs/quality.md says on what and how well it fits. */
const SLOPE = 0.8;
const INTERCEPT = 0.8;

/**
 * Least expected acceptance of what is shown: of a line that has been begun and of each further line, and of a new line. That has more
 * ways to begin, and nothing of the user's is in the way there.
 */
const LEAST_ACCEPTANCE: Readonly<
  Record<Settings['confidence'], Readonly<{ line: number; newLine: number }>>
> = {
  all: { line: 0, newLine: 0 },
  balanced: { line: 0.2, newLine: 0.06 },
  sure: { line: 0.4, newLine: 0.3 },
};

/** Share of suggestions of this log-probability, the sum over their tokens with the one that ends them, that are right. */
export function expectedAcceptance(logProbability: number): number {
  return 1 / (1 + Math.exp(-(INTERCEPT + SLOPE * logProbability)));
}

/**
 * The log-probability below which no further line of a text is shown at this level; `undefined` when all are.
 */
export function leastLogProbability(level: Settings['confidence']): number | undefined {
  const { line } = LEAST_ACCEPTANCE[level];
  return line === 0 ? undefined : (Math.log(line / (1 - line)) - INTERCEPT) / SLOPE;
}

/** The lines that are likely enough to be right, each together with all before it. Empty when not even the first one is. */
export function keepSureLines(said: ModelText, level: Settings['confidence']): ModelText {
  const { text, tokens, startsLine } = said;
  const least = LEAST_ACCEPTANCE[level];
  let end = 0;
  for (const line of linesOf(text)) {
    const logProbability = sumUpTo(tokens, line.end);
    const needed = startsLine && end === 0 ? least.newLine : least.line;
    if (line.isFilled && expectedAcceptance(logProbability) < needed) {
      return { ...said, text: text.slice(0, end), isFinished: true };
    }
    if (line.isFilled) end = line.end;
  }
  return said;
}

/** What is left when its first `length` characters have been typed. */
export function afterTyping(said: ModelText, length: number): ModelText {
  return {
    ...said,
    text: said.text.slice(length),
    tokens: said.tokens
      .filter((token) => token.end > length)
      .map(({ end, logProbability }) => ({ end: end - length, logProbability })),
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

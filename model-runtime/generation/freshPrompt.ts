import { DocumentText } from '../state/documentText';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { contextStart } from './context';
import type { PromptFormat } from './promptFormat';
import { buildTail, headerTokens, joinTokens, textTokens } from './prompt';
import { MOST_LINES_ABOVE, regionStart } from './region';
import { textAfter } from './suffix';

export interface Excerpt {
  path: string;
  /** Text before the cursor, LF only. */
  prefix: string;
  /** Text after it. */
  suffix: string;
}

/** All ids of the prompt that the first request in a document reads, for measuring the model without a document's states. */
export function freshPrompt(
  { path, prefix, suffix }: Excerpt,
  contextCharacters: number,
  tokenizer: ModelTokenizer,
  format: PromptFormat,
): Int32Array {
  const cursor = new DocumentText(prefix).end();
  const text = new DocumentText(prefix + suffix);
  const region = regionStart(text, cursor, undefined, MOST_LINES_ABOVE);
  const after = textAfter(text, cursor);
  const tail = buildTail(text, region, cursor, '', after, tokenizer, format);
  const start = contextStart(text, region, contextCharacters);
  const above = textTokens(text, start, region, tokenizer).map(({ tokens }) => tokens);
  return joinTokens([headerTokens(path, tokenizer, format), ...above, tail.tokens]);
}

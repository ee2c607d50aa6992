import type { ModelConfig } from '../model/config';
import { namedTokens, type PromptDescription } from '../model/promptDescription';
import { ModelTokenizer } from './modelTokenizer';

/** What of a model is about text. */
export interface TextFiles {
  tokenizerJson: string;
  prompt: PromptDescription;
  config: ModelConfig;
}

/** The tokenizer of a model. Throws `modelCorrupt`, also when its special tokens are not where `config.json` says. */
export function createTokenizer({ tokenizerJson, prompt, config }: TextFiles): ModelTokenizer {
  const { vocabSize, specialTokens } = config;
  const tokenizer = new ModelTokenizer(tokenizerJson, vocabSize, namedTokens(prompt));
  if (specialTokens !== undefined) {
    tokenizer.requireSpecialToken('<|endoftext|>', specialTokens.endOfText);
    tokenizer.requireSpecialToken('<|file_sep|>', specialTokens.fileSeparator);
    tokenizer.requireSpecialToken('<|fim_suffix|>', specialTokens.fimSuffix);
    tokenizer.requireSpecialToken('<|fim_middle|>', specialTokens.fimMiddle);
  }
  return tokenizer;
}

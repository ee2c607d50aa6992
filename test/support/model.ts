import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resolvePromptFormat } from '../../model-runtime/generation/promptFormat';
import { REGION_PROMPT } from '../../model-runtime/model/promptDescription';
import { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';

/** The model that ships. */
export const MODEL_FOLDER = path.resolve(__dirname, '../../models/mamba-complete-1');

export const VOCAB_SIZE = 16384;

export function shippedTokenizer(): ModelTokenizer {
  return new ModelTokenizer(
    readFileSync(path.join(MODEL_FOLDER, 'tokenizer.json'), 'utf8'),
    VOCAB_SIZE,
  );
}

/** How the shipped model is asked. */
export const SHIPPED_FORMAT = resolvePromptFormat(REGION_PROMPT, shippedTokenizer());

export const SPECIAL_TOKENS = { endOfText: 0, fileSeparator: 1, fimSuffix: 2, fimMiddle: 3 };

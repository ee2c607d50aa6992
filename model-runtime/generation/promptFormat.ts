import type { PromptDescription } from '../model/promptDescription';
import { createTokenizer, type TextFiles } from '../tokenizer/createTokenizer';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';

/** A token has about so many characters of code. */
export const CHARACTERS_PER_TOKEN = 3;

export type Infill =
  | { form: 'none' }
  | { form: 'prefix-suffix-middle'; prefix: number; suffix: number; middle: number }
  | { form: 'region'; suffix: number; middle: number };

/** How a model is asked, with token ids. */
export interface PromptFormat {
  infill: Infill;
  start: readonly number[];
  path: number | undefined;
  /** Most characters of context that are of use to the model. */
  mostContextCharacters: number;
  /** Whether a generated token ends the text: a special one, or a row of the embedding that stands for no token. */
  isStop: (token: number) => boolean;
}

/** What turns text into prompts of a loaded model and its ids into text. Throws `modelCorrupt` when its files do not fit together. */
export function prepareText(model: TextFiles): {
  tokenizer: ModelTokenizer;
  format: PromptFormat;
} {
  const tokenizer = createTokenizer(model);
  return { tokenizer, format: resolvePromptFormat(model.prompt, tokenizer) };
}

/** Throws `modelCorrupt` when the tokenizer lacks a token that the description names. */
export function resolvePromptFormat(
  { infill, start, path, stop, contextTokens }: PromptDescription,
  tokenizer: ModelTokenizer,
): PromptFormat {
  const id = (name: string) => tokenizer.tokenId(name);
  const stops = new Set(stop.map(id));
  return {
    infill: resolveInfill(infill, id),
    start: start.map(id),
    path: path === undefined ? undefined : id(path),
    mostContextCharacters:
      contextTokens === undefined ? Infinity : contextTokens * CHARACTERS_PER_TOKEN,
    isStop: (token) => stops.has(token) || !tokenizer.isText(token),
  };
}

function resolveInfill(infill: PromptDescription['infill'], id: (name: string) => number): Infill {
  switch (infill.form) {
    case 'none':
      return infill;
    case 'region':
      return { form: infill.form, suffix: id(infill.suffix), middle: id(infill.middle) };
    case 'prefix-suffix-middle':
      return {
        form: infill.form,
        prefix: id(infill.prefix),
        suffix: id(infill.suffix),
        middle: id(infill.middle),
      };
  }
}

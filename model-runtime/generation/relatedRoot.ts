import type { RelateFilesNotification } from '../protocol/messages';
import { DocumentText } from '../state/documentText';
import type { RelatedRoot } from '../state/relatedFiles';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { joinTokens, textTokens } from './prompt';
import { CHARACTERS_PER_TOKEN, type PromptFormat } from './promptFormat';

const START = { line: 0, character: 0 };

/**
 * `<|file_sep|>path\n text` of each file, in `mostTokens` at most: the last file first takes what it needs, and the one for which
 * the rest is too little ends after a whole segment. Together with the `contextCharacters` of the document itself no more than is of
 * use to the model. Nothing for a model that does not know several files, by their paths.
 */
export function relatedRoot(
  { files, mostTokens }: Pick<RelateFilesNotification, 'files' | 'mostTokens'>,
  tokenizer: ModelTokenizer,
  { start, path: separator, mostContextCharacters }: PromptFormat,
  contextCharacters: number,
): RelatedRoot | undefined {
  if (separator === undefined) return undefined;
  const room = Math.floor((mostContextCharacters - contextCharacters) / CHARACTERS_PER_TOKEN);
  let left = Math.min(mostTokens, room) - start.length;
  const parts: { path: string; tokens: Int32Array }[] = [];
  for (const { path, text } of [...files].reverse()) {
    const document = new DocumentText(text);
    const header = Int32Array.of(separator, ...tokenizer.encode(`${path}\n`));
    const segments: Int32Array[] = [header];
    let count = header.length;
    for (const { tokens } of textTokens(document, START, document.end(), tokenizer)) {
      if (count + tokens.length > left) break;
      count += tokens.length;
      segments.push(tokens);
    }
    // Of this file not even its first segment fits.
    if (segments.length === 1) continue;
    left -= count;
    parts.unshift({ path, tokens: joinTokens(segments) });
  }
  if (parts.length === 0) return undefined;
  return {
    files: parts.map(({ path, tokens }) => ({ path, tokens: tokens.length })),
    tokens: joinTokens([Int32Array.from(start), ...parts.map(({ tokens }) => tokens)]),
    snapshot: undefined,
    tokensRead: 0,
  };
}

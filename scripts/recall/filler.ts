import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';
import type { Random } from '../random';
import type { RecallText } from './runTask';
import { pick, type Words } from './words';

/** Tokens of all files of a folder and those below it that end so, in the order of their paths. Throws when there are none. */
export function codeOf(folder: string, ending: string, tokenizer: ModelTokenizer): number[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .sort();
  const tokens = files.flatMap((file) => [
    ...tokenizer.encode(readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n')),
  ]);
  if (tokens.length === 0) throw new Error(`${folder} has no files ending in ${ending}.`);
  return tokens;
}

/** Random tokens of text, or a random stretch of the code, which starts over where it ends. */
export function fillerOf(words: Words, code: readonly number[]): RecallText['filler'] {
  return (form, count, random: Random) => {
    if (form === 'tokens') return Array.from({ length: count }, () => pick(random, words.all));
    const start = Math.floor(random() * code.length);
    return Array.from({ length: count }, (_, i) => code[(start + i) % code.length] ?? 0);
  };
}

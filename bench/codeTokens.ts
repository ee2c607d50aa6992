import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { LoadedModel } from '../model-runtime/model/loadModel';
import { headerTokens } from '../model-runtime/generation/prompt';
import { prepareText } from '../model-runtime/generation/promptFormat';

/** At least this many, so that no two rounds need read the same ones. */
const WANTED_TOKENS = 4096;

/** Token ids of real code, as a plain prompt: `<|file_sep|>path\n text` for one file after another. */
export async function codeTokens(repository: string, model: LoadedModel): Promise<number[]> {
  const { tokenizer, format } = prepareText(model);
  const tokens: number[] = [];
  for (const file of await codeFiles(repository)) {
    const path = relative(repository, file)
      .replaceAll('\\', '/')
      .replace(/\.txt$/, '');
    const text = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
    tokens.push(...headerTokens(path, tokenizer, format), ...tokenizer.encode(text));
    if (tokens.length >= WANTED_TOKENS) break;
  }
  return tokens;
}

async function codeFiles(repository: string): Promise<string[]> {
  const fixtures = join(repository, 'test', 'fixtures', 'code');
  if (existsSync(fixtures)) return filesUnder(fixtures, '.txt');
  return filesUnder(join(repository, 'model-runtime'), '.ts');
}

async function filesUnder(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

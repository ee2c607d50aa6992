import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';

/** `middle`: a change far above that was scrolled to before; `unseen`: one that was not. */
export type Change = 'type' | 'tail20' | 'unseen' | 'middle' | 'switch';

/** A text, and places in it where the scenarios happen. Lines are counted from 0. */
export interface StateDocument {
  text: string;
  tokens: number;
  /** A blank line near the end, where typing happens. */
  typingLine: number;
  /** A line in the middle, where the far change happens. */
  middleLine: number;
}

/** Typed character by character. */
export const TYPED = 'const total = values.length + offset;';
/** About twenty tokens each, put in at once. */
export const PASTED = [
  'const first = readEntries(folder).filter((entry) => entry.isFile());',
  'if (first.length === 0) throw new Error(`nothing in ${folder}`);',
  'for (const entry of first) await copyFile(entry.path, target);',
];
/** Put in at the start of the middle's line, one after another. */
export const UNSEEN = ['async ', 'export ', 'static '];
export const MIDDLE = ['public ', 'final ', 'let '];

/** Real code, repeated or cut to about `wanted` tokens, whole lines. */
export function stateDocument(
  repository: string,
  wanted: number,
  tokenizer: ModelTokenizer,
): StateDocument {
  const folder = join(repository, 'test/fixtures/code');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort();
  const all = files
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n'))
    .join('\n')
    .split('\n');
  const lines: string[] = [];
  let tokens = 0;
  for (let i = 0; tokens < wanted; i++) {
    const line = all[i % all.length] ?? '';
    lines.push(line);
    tokens += tokenizer.encode(`${line}\n`).length;
  }
  const typingLine = Math.max(0, lines.length - 3);
  lines.splice(typingLine, 0, '');
  let middleLine = Math.floor(lines.length / 2);
  while (middleLine > 0 && lines[middleLine]?.trim() === '') middleLine--;
  return { text: lines.join('\n'), tokens, typingLine, middleLine };
}

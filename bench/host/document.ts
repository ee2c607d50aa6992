import { readFileSync } from 'node:fs';
import path from 'node:path';

const TYPED_CHARACTERS = 200;

export interface TypedDocument {
  name: string;
  /** What is in the file before anything is typed. */
  content: string;
  /** What a person typed next in the original. */
  typed: string;
}

/** A real file of this repository, cut behind the first word of a line near its middle. */
export function typedDocument(repository: string): TypedDocument {
  const name = 'postProcessing.ts';
  const text = readFileSync(path.join(repository, 'extension', 'completion', name), 'utf8');
  const lineStart = text.indexOf('\n', text.length / 2) + 1;
  const cut = lineStart + text.slice(lineStart).search(/(?<=\w) /) + 1;
  return { name, content: text.slice(0, cut), typed: text.slice(cut, cut + TYPED_CHARACTERS) };
}

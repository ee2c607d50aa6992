import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { USUAL_EXTENSION } from '../extension/completion/modelPath';
import type { VersionedSource } from '../extension/completion/documentMirror';

/** A file's text as the completion code reads documents. */
export function fileTextSource(file: string, text: string): VersionedSource {
  const lines = text.split(/\r\n|\r|\n/);
  return {
    uri: pathToFileURL(file).href,
    version: 1,
    languageId: languageIdOf(file),
    lineCount: lines.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    lineAt: (line) => lines[line] ?? '',
  };
}

function languageIdOf(file: string): string {
  const extension = path.extname(file).slice(1).toLowerCase();
  const known = Object.entries(USUAL_EXTENSION).find(([, usual]) => usual === extension);
  return known?.[0] ?? 'plaintext';
}

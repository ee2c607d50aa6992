import type { VersionedSource } from '../../extension/completion/documentMirror';

/** A text as the completion code reads documents. */
export function sourceOf(uri: string, text: string, languageId: string): VersionedSource {
  const lines = text.split(/\r\n|\r|\n/);
  return {
    uri,
    version: 1,
    languageId,
    lineCount: lines.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    lineAt: (line) => lines[line] ?? '',
  };
}

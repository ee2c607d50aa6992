import type { VersionedSource } from '../../../../extension/completion/documentMirror';
import type { TextPosition } from '../../../../extension/completion/textSource';

export interface Place {
  source: VersionedSource;
  position: TextPosition;
}

/** A document from text with `↓` at the cursor. Lines end with LF, CRLF or CR; `eol` is what the editor reports. */
export function place(
  notation: string,
  options: { eol?: '\n' | '\r\n'; languageId?: string } = {},
) {
  const at = notation.indexOf('↓');
  const before = notation.slice(0, at).split(/\r\n|\r|\n/);
  const lines = (notation.slice(0, at) + notation.slice(at + 1)).split(/\r\n|\r|\n/);
  return {
    source: textSource(lines, options),
    position: { line: before.length - 1, character: before[before.length - 1].length },
  };
}

export function textSource(
  lines: readonly string[],
  options: { eol?: '\n' | '\r\n'; languageId?: string } = {},
): VersionedSource & { readCount: number } {
  const source = {
    uri: 'file:///project/src/a.ts',
    version: 1,
    languageId: options.languageId ?? 'typescript',
    lineCount: lines.length,
    eol: options.eol ?? ('\n' as const),
    /** How often a line was read. */
    readCount: 0,
    lineAt(line: number) {
      source.readCount++;
      const text = lines[line];
      if (text === undefined) throw new RangeError(`line ${line} of ${lines.length}`);
      return text;
    },
  };
  return source;
}

import type { TextPosition, TextSource } from './textSource';

/** Where the cursor stands after `text`, LF only, was put in at `position`. */
export function positionAfter(position: TextPosition, text: string): TextPosition {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? { line: position.line, character: position.character + last.length }
    : { line: position.line + lines.length - 1, character: last.length };
}

/** The document as it would be with `text`, LF only, put in at `position`. */
export function withInsertion(
  source: TextSource,
  position: TextPosition,
  text: string,
): TextSource {
  const { uri, languageId, eol } = source;
  const line = source.lineAt(position.line);
  const joined = line.slice(0, position.character) + text + line.slice(position.character);
  const inserted = joined.split('\n');
  const added = inserted.length - 1;
  return {
    uri,
    languageId,
    eol,
    lineCount: source.lineCount + added,
    lineAt: (at) => {
      const own = inserted[at - position.line];
      return own ?? source.lineAt(at > position.line ? at - added : at);
    },
  };
}

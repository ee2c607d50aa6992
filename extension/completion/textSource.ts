/** What is read of a document; `vscode.TextDocument` is adapted to it. Lines have no line ends. */
export interface TextSource {
  readonly uri: string;
  readonly languageId: string;
  readonly lineCount: number;
  readonly eol: '\n' | '\r\n';
  lineAt(line: number): string;
}

/** Zero-based; `character` counts UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** The position within the document, whatever it was before. */
export function clampPosition(source: TextSource, position: TextPosition): TextPosition {
  const line = Math.min(Math.max(0, position.line), source.lineCount - 1);
  const length = source.lineAt(line).length;
  return { line, character: Math.min(Math.max(0, position.character), length) };
}

/** The cursor's line on both sides of it. */
export function lineAround(
  source: TextSource,
  position: TextPosition,
): { before: string; after: string } {
  const text = source.lineAt(position.line);
  return { before: text.slice(0, position.character), after: text.slice(position.character) };
}

/** Whether `index` lies between the two halves of one character. */
export function splitsSurrogatePair(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  const after = text.charCodeAt(index);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

/** LF only and well-formed: what the protocol asks for. The length changes only where a CR stood before an LF. */
export function wellFormed(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** LF only, one for each line end. Nothing else is changed, so that positions stay what they are. */
export function wellFormedLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

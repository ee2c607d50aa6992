import type { GenerationShape } from '../../model-runtime/protocol/messages';
import type { TextPosition, TextSource } from '../completion/textSource';

/** Where text is generated: it replaces what stands between `start` and `position`, and begins with `leading`. */
export interface GenerationPlace {
  start: TextPosition;
  position: TextPosition;
  leading: string;
  shape: GenerationShape;
}

/** Lines above the cursor in which a function's signature is looked for. */
const SIGNATURE_LINES = 12;

export function placeAtCursor(position: TextPosition): GenerationPlace {
  return { start: position, position, leading: '', shape: 'passage' };
}

/** On a line of its own below `line`, indented like it: the comment or signature is what the model starts from. */
export function placeBelow(source: TextSource, line: number, indentUnit: string): GenerationPlace {
  const text = source.lineAt(line);
  const position = { line, character: text.length };
  const indent = indentationOf(text) + (opensBody(text) ? indentUnit : '');
  return {
    start: position,
    position,
    leading: `\n${indent}`,
    shape: opensBody(text) ? 'body' : 'passage',
  };
}

/**
 * Where the body of the function around the cursor starts: behind a signature that ends in what opens a block, or on the empty
 * line below it. `undefined` when the cursor is at neither.
 */
export function bodyPlace(
  source: TextSource,
  cursor: TextPosition,
  indentUnit: string,
): GenerationPlace | undefined {
  let line = cursor.line;
  while (line > 0 && cursor.line - line < SIGNATURE_LINES && source.lineAt(line).trim() === '')
    line--;
  const signature = source.lineAt(line);
  const end = bodyStart(signature);
  if (end === undefined) return undefined;
  const indent = indentationOf(signature) + indentUnit;
  if (line === cursor.line) {
    const position = { line, character: end };
    return { start: position, position, leading: `\n${indent}`, shape: 'body' };
  }
  // The cursor's own line is blank: its white space gives way to the body's.
  const position = { line: cursor.line, character: source.lineAt(cursor.line).length };
  return { start: { line: cursor.line, character: 0 }, position, leading: indent, shape: 'body' };
}

/** The text to insert: what closes the body is not repeated, and stands on a line of its own. */
export function finishedText(source: TextSource, place: GenerationPlace, text: string): string {
  const whole = place.leading + text;
  if (place.shape !== 'body') return whole;
  const { line, character } = place.position;
  const rest = source.lineAt(line).slice(character);
  if (!/^\s*\}/.test(rest)) return whole;
  const lines = whole.trimEnd().split('\n');
  if (/^\s*\}\s*[;,]?$/.test(lines.at(-1) ?? '')) lines.pop();
  return `${lines.join('\n')}\n${indentationOf(source.lineAt(line))}`;
}

/** Character at which the body starts on a line that opens one: behind `{` or the colon. */
function bodyStart(line: string): number | undefined {
  if (opensBody(line)) return line.trimEnd().length;
  // The editor has closed the brace already.
  const empty = /\{\s*\}\s*[;,]?\s*$/.exec(line);
  return empty === null ? undefined : empty.index + 1;
}

function opensBody(line: string): boolean {
  return /(?:[{:]|=>)\s*$/.test(line.slice(-200)) && line.trim().length > 1;
}

function indentationOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

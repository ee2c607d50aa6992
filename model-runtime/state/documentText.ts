import type { TextChange, TextPosition } from '../protocol/messages';

/** A document's lines, changed in place. Lines hold no line end; text that goes in or out has LF only. */
export class DocumentText {
  private lines: string[];

  constructor(text: string) {
    this.lines = splitLines(text);
  }

  get lineCount(): number {
    return this.lines.length;
  }

  get sizeCharacters(): number {
    let size = this.lines.length - 1;
    for (const line of this.lines) size += line.length;
    return size;
  }

  line(index: number): string {
    return this.lines[index] ?? '';
  }

  end(): TextPosition {
    const line = this.lines.length - 1;
    return { line, character: this.line(line).length };
  }

  /** Adds to the end, for a document that comes in pieces. */
  append(text: string): void {
    const [first = '', ...rest] = splitLines(text);
    this.lines[this.lines.length - 1] = this.line(this.lines.length - 1) + first;
    for (const line of rest) this.lines.push(line);
  }

  /** Replaces a range. Returns whether the range lies in the document; nothing happens when it does not. */
  apply({ start, end, text }: TextChange): boolean {
    if (!this.contains(start) || !this.contains(end) || comparePositions(start, end) > 0) {
      return false;
    }
    const head = this.line(start.line).slice(0, start.character);
    const tail = this.line(end.line).slice(end.character);
    const inserted = splitLines(text);
    inserted[0] = head + (inserted[0] ?? '');
    inserted[inserted.length - 1] = (inserted[inserted.length - 1] ?? '') + tail;
    this.replaceLines(start.line, end.line + 1, inserted);
    return true;
  }

  contains({ line, character }: TextPosition): boolean {
    const text = this.lines[line];
    return text !== undefined && character >= 0 && character <= text.length;
  }

  slice(start: TextPosition, end: TextPosition): string {
    if (start.line === end.line) {
      return this.line(start.line).slice(start.character, end.character);
    }
    const parts = [this.line(start.line).slice(start.character)];
    for (let line = start.line + 1; line < end.line; line++) parts.push(this.line(line));
    parts.push(this.line(end.line).slice(0, end.character));
    return parts.join('\n');
  }

  /** Characters from `start` to `end`, line ends counted as one; negative when `end` comes first. */
  distance(start: TextPosition, end: TextPosition): number {
    if (comparePositions(start, end) > 0) return -this.distance(end, start);
    let characters = end.character - start.character;
    for (let line = start.line; line < end.line; line++) characters += this.line(line).length + 1;
    return characters;
  }

  text(): string {
    return this.lines.join('\n');
  }

  private replaceLines(from: number, to: number, inserted: string[]): void {
    if (to - from === inserted.length) {
      inserted.forEach((line, i) => (this.lines[from + i] = line));
    } else if (inserted.length < 10_000) {
      this.lines.splice(from, to - from, ...inserted);
    } else {
      // More arguments than a call may have.
      this.lines = [...this.lines.slice(0, from), ...inserted, ...this.lines.slice(to)];
    }
  }
}

export function comparePositions(a: TextPosition, b: TextPosition): number {
  return a.line - b.line || a.character - b.character;
}

/** A CR left inside a line would be a line end to the tokenizer; the editor splits lines at it, so this is no one's text. */
function splitLines(text: string): string[] {
  return text.replaceAll('\r', ' ').split('\n');
}

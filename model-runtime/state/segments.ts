import type { TextPosition } from '../protocol/messages';
import { comparePositions, type DocumentText } from './documentText';

// A segment is a stretch of text that is tokenized by itself, with the same ids as within the whole text. It starts
//  - at a line with something in it: the tokenizer's pre-tokens end at the last line end of a run of white space
//    (`\s*[\r\n]+`, `[^\s\p{L}\p{N}]+[\r\n]*`), so one ends before every such line; blank lines belong to the one above;
//  - in a giant line also where a letter is followed by neither letter nor mark, once in every block: no pre-token goes
//    on there. A block without such a place (one giant word) is cut all the same.

/** Longer lines have segments of their own inside. */
const GIANT_LINE_CHARACTERS = 1024;
const BLOCK_CHARACTERS = 512;

const SAFE_BREAK = /\p{L}(?=[^\p{L}\p{M}])/u;

export function isSegmentStart(text: DocumentText, { line, character }: TextPosition): boolean {
  const content = text.line(line);
  if (character === 0) return line === 0 || isFilled(content);
  if (!isGiant(content)) return false;
  const block = Math.floor(character / BLOCK_CHARACTERS);
  return block > 0 && breakInBlock(content, block) === character;
}

/** The last segment start before `position`; the document's start at the latest. */
export function previousSegmentStart(text: DocumentText, position: TextPosition): TextPosition {
  for (let line = position.line; line >= 0; line--) {
    const content = text.line(line);
    const limit = line === position.line ? position.character : content.length + 1;
    if (isGiant(content)) {
      for (let block = Math.floor(limit / BLOCK_CHARACTERS); block > 0; block--) {
        const character = breakInBlock(content, block);
        if (character < limit && character < content.length) return { line, character };
      }
    }
    if (limit > 0 && (line === 0 || isFilled(content))) return { line, character: 0 };
  }
  return { line: 0, character: 0 };
}

/** The text from `start` to `end` in segments. `start` is a segment start; `end` may lie anywhere: the last one is cut. */
export function segmentsBetween(
  text: DocumentText,
  start: TextPosition,
  end: TextPosition,
): { start: TextPosition; text: string }[] {
  const segments: { start: TextPosition; text: string }[] = [];
  let segmentEnd = end;
  while (comparePositions(segmentEnd, start) > 0) {
    let segmentStart = previousSegmentStart(text, segmentEnd);
    if (comparePositions(segmentStart, start) < 0) segmentStart = start;
    segments.push({ start: segmentStart, text: text.slice(segmentStart, segmentEnd) });
    segmentEnd = segmentStart;
  }
  return segments.reverse();
}

export function isGiant(line: string): boolean {
  return line.length > GIANT_LINE_CHARACTERS;
}

function isFilled(line: string): boolean {
  return isGiant(line) || /\S/.test(line);
}

function breakInBlock(line: string, block: number): number {
  const from = block * BLOCK_CHARACTERS;
  const window = line.slice(from, from + BLOCK_CHARACTERS);
  const found = SAFE_BREAK.exec(window);
  if (found) return from + found.index + found[0].length;
  const splitsPair = /[\uDC00-\uDFFF]/.test(line.charAt(from));
  return splitsPair ? from + 1 : from;
}

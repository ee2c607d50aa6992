import { isCloser, unmatchedClosers } from './brackets';
import type { ShapeRule } from './shapeRule';

/** A partial last line that repeats so many characters of the line below is taken for that line. */
const SHORTEST_REPETITION = 3;
/**
 * Ends the text before the first line that equals the next filled line below the cursor. Lines further down are not compared: a
 * `return err` may well come in both places.
 */
export const cutLinesBelow: ShapeRule = (text, { lineBefore, rest, below }) => {
  const next = below.find((line) => line.trim() !== '')?.trimEnd();
  if (next === undefined) return text;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = (i === 0 ? lineBefore + (lines[0] ?? '') : (lines[i] ?? '')).trimEnd();
    // With text after the cursor on its line, the first line of the completion ends in front of that text.
    if (i === 0 && rest.trim() !== '') continue;
    if (line === next && !closesOwnBlock(line, lines.slice(0, i))) {
      return i === 0 ? '' : lines.slice(0, i).join('\n');
    }
  }
  const last = lines.at(-1) ?? '';
  const isPartial = last.trim().length >= SHORTEST_REPETITION && next.startsWith(last);
  return lines.length > 1 && isPartial ? lines.slice(0, -1).join('\n') : text;
};

/** A closing line that belongs to a block which the completion itself has opened. */
function closesOwnBlock(line: string, linesAbove: readonly string[]): boolean {
  const first = line.trimStart().charAt(0);
  if (!isCloser(first)) return false;
  return (
    unmatchedClosers([...linesAbove, first].join('\n')) === unmatchedClosers(linesAbove.join('\n'))
  );
}

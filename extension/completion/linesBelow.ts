import { isCloser, unmatchedClosers } from './brackets';
import { isDistinctive, type ShapeRule } from './shapeRule';

/** A partial last line that repeats so many characters of the line below is taken for that line. */
const SHORTEST_REPETITION = 3;
/** Filled lines below the cursor that are not said again. */
const LINES_COMPARED = 3;

/** Ends the text before the first line that stands below the cursor already: any of the next few, and the next one in any case. */
export const cutLinesBelow: ShapeRule = (text, { lineBefore, rest, below }) => {
  const filled = below.filter((line) => line.trim() !== '').map((line) => line.trimEnd());
  const [next, ...later] = filled.slice(0, LINES_COMPARED);
  if (next === undefined) return text;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = (i === 0 ? lineBefore + (lines[0] ?? '') : (lines[i] ?? '')).trimEnd();
    // With text after the cursor on its line, the first line of the completion ends in front of that text.
    if (i === 0 && rest.trim() !== '') continue;
    const isBelow = line === next || (i > 0 && later.includes(line) && isDistinctive(line));
    if (isBelow && !closesOwnBlock(line, lines.slice(0, i))) {
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

import { isCloser, isOpener, openerOf } from './brackets';
import { indentationOf, type ShapeRule } from './shapeRule';

/**
 * Ends the text before a closing bracket whose partner above is closed by a line below already. Which one that line closes
 * is told by its indentation, equal to that of the line with the opening bracket; where it is not, nothing is cut.
 */
export const cutClosedBelow: ShapeRule = (text, { above, lineBefore, rest, below }) => {
  if (rest.trim() !== '') return text;
  const next = below.find((line) => line.trim() !== '');
  const closer = next?.trimStart().charAt(0) ?? '';
  if (next === undefined || !isCloser(closer)) return text;
  const open = openBrackets([...above, lineBefore]);
  const innermost = open.at(-1);
  const closesInnermost =
    innermost?.bracket === openerOf(closer) && innermost?.indentation === indentationOf(next);
  if (!closesInnermost) return text;
  const cut = firstUnmatchedCloser(text);
  return cut < 0 ? text : text.slice(0, cut);
};

interface OpenBracket {
  bracket: string;
  /** Of the line that it stands in. */
  indentation: string;
}

/** Opening brackets without partner, outermost first. Brackets in strings count too. */
function openBrackets(lines: readonly string[]): OpenBracket[] {
  const open: OpenBracket[] = [];
  for (const line of lines) {
    for (const character of line) {
      if (isOpener(character)) open.push({ bracket: character, indentation: indentationOf(line) });
      else if (isCloser(character) && open.at(-1)?.bracket === openerOf(character)) open.pop();
    }
  }
  return open;
}

function firstUnmatchedCloser(text: string): number {
  const open: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (isOpener(character)) open.push(character);
    else if (isCloser(character)) {
      if (open.at(-1) !== openerOf(character)) return i;
      open.pop();
    }
  }
  return -1;
}

import { indentationOf, type ShapePlace, type ShapeRule } from './shapeRule';

interface IndentationStyle {
  /** Both kinds are there: what goes on from the cursor's line stays as it is. */
  isMixed: boolean;
  usesTabs: boolean;
  /** Columns of one level. */
  unit: number;
}

/** Columns of a level where the document does not tell. */
const USUAL_UNIT = 4;
const BLOCK_OPENER = /(?:[{([:]|=>|\b(?:do|then|else|begin))\s*$/;

/**
 * Lines of the suggestion begin with the characters that the document indents with: tabs, spaces, or exactly what the cursor's line has
 * where both are mixed. Columns stay what they are.
 */
export const followIndentation: ShapeRule = (text, place) => {
  if (!text.includes('\n') && !/^[ \t]/.test(text)) return text;
  const lead = indentationOf(place.lineBefore);
  const unrepeated = dropRepeatedLead(text, lead, place);
  const style = styleOf(place);
  if (style === undefined) return unrepeated;
  const startsBlank = place.lineBefore.trim() === '';
  return unrepeated
    .split('\n')
    .map((line, i) => {
      if (i === 0 && !startsBlank) return line;
      const own = indentationOf(line);
      return reindent(own, i === 0 ? '' : lead, style) + line.slice(own.length);
    })
    .join('\n');
};

/** Behind `lead`, which stands before the cursor, the model sometimes says it again. */
function dropRepeatedLead(text: string, lead: string, { lineBefore, above }: ShapePlace): string {
  if (lead === '' || lineBefore !== lead || !text.startsWith(lead)) return text;
  const [first = '', ...others] = text.split('\n');
  if (indentationOf(first) !== lead) return text;
  const second = others.find((line) => line.trim() !== '');
  const previous = above.findLast((line) => line.trim() !== '');
  const isSibling = (line: string | undefined) =>
    line !== undefined && indentationOf(line) === lead && !BLOCK_OPENER.test(line);
  // Another line of the same block, after this one or before it, shows where the block stands.
  const isRepeated = second === undefined ? isSibling(previous) : indentationOf(second) === lead;
  return isRepeated ? text.slice(lead.length) : text;
}

function reindent(own: string, lead: string, style: IndentationStyle): string {
  if (style.isMixed && own.startsWith(lead)) return own;
  if (own === '' || own.startsWith(lead)) {
    return own.slice(0, lead.length) + inStyle(own.slice(lead.length), style);
  }
  const more = columnsOf(own, style.unit) - columnsOf(lead, style.unit);
  return more >= 0 ? lead + inStyle(' '.repeat(more), style) : inStyle(own, style);
}

/** The same columns in the document's characters. Spaces that make no whole level align something and stay. */
function inStyle(own: string, { usesTabs, unit }: IndentationStyle): string {
  const columns = columnsOf(own, unit);
  if (!usesTabs) return own.includes('\t') ? ' '.repeat(columns) : own;
  return '\t'.repeat(Math.floor(columns / unit)) + ' '.repeat(columns % unit);
}

function columnsOf(own: string, unit: number): number {
  return [...own].reduce((sum, character) => sum + (character === '\t' ? unit : 1), 0);
}

/** From the lines around the cursor; absent where none is indented. */
function styleOf({ above, lineBefore, below }: ShapePlace): IndentationStyle | undefined {
  const indents = [...above, lineBefore, ...below].map(indentationOf).filter((own) => own !== '');
  if (indents.length === 0) return undefined;
  const tabs = indents.filter((own) => own.startsWith('\t')).length;
  // One space aligns a comment.
  const widths = indents.filter((own) => !own.startsWith('\t') && own.length > 1);
  const isMixed = tabs > 0 && widths.length > 0;
  const usesTabs = tabs > widths.length;
  const narrowest = Math.min(...widths.map((own) => own.length));
  const unit = !usesTabs && [2, 3, 4, 8].includes(narrowest) ? narrowest : USUAL_UNIT;
  return { usesTabs, isMixed, unit };
}

import { dropUnfinishedLine, keepFirstLine, limitLines } from './blockLength';
import { cutClosedBelow } from './closedBelow';
import { followIndentation } from './indentation';
import { cutLinesBelow } from './linesBelow';
import { cutRepetition, dropLinesAbove } from './repetition';
import { joinWithRest } from './restOfLine';
import type { ShapePlace, ShapeRule } from './shapeRule';

export interface PostProcessingInput extends Omit<ShapePlace, 'rest' | 'below'> {
  /** The model's text, LF only. */
  text: string;
  /** Text after the cursor, LF only: the rest of the cursor's line, then the lines below. */
  suffix: string;
  eol: '\n' | '\r\n';
}

export interface Suggestion {
  /** With the document's line ends. */
  insertText: string;
  /** Characters after the cursor, on its line, that `insertText` brings again and therefore replaces. */
  replacedAfter: number;
}

/** In the order in which they are applied. Each one's worth is in docs/quality.md. */
export const SHAPE_RULES = {
  keepFirstLine,
  dropUnfinishedLine,
  limitLines,
  followIndentation,
  cutRepetition,
  dropLinesAbove,
  cutLinesBelow,
  cutClosedBelow,
} as const satisfies Record<string, ShapeRule>;

/**
 * Makes of the model's text what is inserted. `undefined` when nothing is left. `without` leaves rules out, to measure what
 * they are worth.
 */
export function postProcess(
  { text, suffix, eol, ...around }: PostProcessingInput,
  without?: ReadonlySet<string>,
): Suggestion | undefined {
  const [rest = '', ...below] = suffix.split('\n');
  const place: ShapePlace = { ...around, rest, below };
  let shaped = text.replace(/\r\n?/g, '\n');
  for (const [name, rule] of Object.entries(SHAPE_RULES)) {
    if (!without?.has(name)) shaped = rule(shaped, place);
  }
  shaped = shaped.trimEnd();
  const { kept, replacedAfter } = without?.has('joinWithRest')
    ? { kept: shaped, replacedAfter: 0 }
    : joinWithRest(shaped, place.lineBefore, rest);
  if (kept.trim() === '') return undefined;
  return { insertText: kept.replaceAll('\n', eol), replacedAfter };
}

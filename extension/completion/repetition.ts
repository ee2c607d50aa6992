import { isDistinctive, isOnlyClosers, type ShapeRule } from './shapeRule';

/** Longest group of lines whose repetition is looked for. */
const MOST_PERIOD_LINES = 3;
/** A piece of a line that comes so many times in a row is no code. */
const MOST_IN_A_ROW = 4;
const IN_A_ROW = new RegExp(`([^\\n]*?\\p{L}[^\\n]{2,29}?)\\1{${MOST_IN_A_ROW},}`, 'u');

/** Ends the text where it begins to say the same again: a group of lines, or a piece of a line over and over. */
export const cutRepetition: ShapeRule = (text) => {
  const lines = text.split('\n');
  for (let i = 1; i < lines.length; i++) {
    const longest = Math.min(MOST_PERIOD_LINES, i, lines.length - i);
    for (let period = 1; period <= longest; period++) {
      const group = lines.slice(i, i + period);
      const isRepeated = group.every((line, j) => line === lines[i - period + j]);
      if (isRepeated && !group.every(isOnlyClosers)) return cutInLine(lines.slice(0, i).join('\n'));
    }
  }
  return cutInLine(text);
};

function cutInLine(text: string): string {
  const repeated = IN_A_ROW.exec(text);
  return repeated ? text.slice(0, repeated.index + (repeated[1] ?? '').length) : text;
}

/** Nothing is left of a text whose first line is the one just above, or whose first lines are the last ones above. */
export const dropLinesAbove: ShapeRule = (text, { above, lineBefore, rest }) => {
  if (rest.trim() !== '') return text;
  const [first = '', ...others] = text.split('\n');
  const lines = [lineBefore + first, ...others].map((line) => line.trimEnd());
  for (let count = 1; count <= Math.min(MOST_PERIOD_LINES, lines.length, above.length); count++) {
    const last = above.slice(-count).map((line) => line.trimEnd());
    const isSame = last.every((line, i) => line === lines[i]);
    if (isSame && last.some(isDistinctive)) return '';
  }
  return text;
};

import type { ShapeRule } from './shapeRule';

/** A line completion has one line. */
export const keepFirstLine: ShapeRule = (text, { shape }) =>
  shape === 'line' ? (text.split('\n', 1)[0] ?? '') : text;

/** A last line that was cut off in the middle is left out where whole lines stand before it. */
export const dropUnfinishedLine: ShapeRule = (text, { isFinished }) => {
  const end = text.lastIndexOf('\n');
  if (isFinished || end < 0) return text;
  const whole = text.slice(0, end);
  return whole.trim() === '' ? text : whole;
};

/** Filled lines up to the most that are wanted. A line break that the text begins with opens no line of its own. */
export const limitLines: ShapeRule = (text, { maxLines }) => {
  let filled = 0;
  const lines = text.split('\n');
  const end = lines.findIndex((line) => {
    if (line.trim() !== '') filled++;
    return filled > maxLines;
  });
  return end < 0 ? text : lines.slice(0, end).join('\n');
};

import { expect, it } from 'vitest';
import {
  bodyPlace,
  finishedText,
  placeBelow,
} from '../../../../extension/generation/generationPlace';
import { place as sourceAtCursor } from '../support/textNotation';

const place = (marked: string) => {
  const { source, position } = sourceAtCursor(marked);
  return bodyPlace(source, position, '  ');
};

it('starts a body behind the brace or colon that opens it, wherever the cursor is on the line', () => {
  expect(place('  func↓tion f() {\n')).toEqual({
    start: { line: 0, character: 16 },
    position: { line: 0, character: 16 },
    leading: '\n    ',
    shape: 'body',
  });
  expect(place('def f():↓')).toMatchObject({ position: { line: 0, character: 8 } });
});

it('starts it between braces that the editor has closed', () => {
  expect(place('function f() {↓}')).toMatchObject({ position: { line: 0, character: 14 } });
});

it('takes the blank line below a signature, whatever white space is on it', () => {
  expect(place('function f() {\n        ↓\n}')).toEqual({
    start: { line: 1, character: 0 },
    position: { line: 1, character: 8 },
    leading: '  ',
    shape: 'body',
  });
});

it('finds no body where no function is opened', () => {
  expect(place('const a = 1;↓')).toBeUndefined();
  expect(place('↓')).toBeUndefined();
});

it('does not close a body twice', () => {
  const { source, position } = sourceAtCursor('function f() {↓}');
  const at = bodyPlace(source, position, '  ');
  if (at === undefined) throw new Error('no body');
  expect(finishedText(source, at, 'return 1;\n}')).toBe('\n  return 1;\n');
  expect(finishedText(source, at, 'return 1;')).toBe('\n  return 1;\n');
});

it('closes a body that nothing closes yet', () => {
  const { source, position } = sourceAtCursor('function f() {↓');
  const at = bodyPlace(source, position, '  ');
  if (at === undefined) throw new Error('no body');
  expect(finishedText(source, at, 'return 1;\n}')).toBe('\n  return 1;\n}');
});

it('goes on below a comment at its indentation', () => {
  const { source } = sourceAtCursor('  // adds two numbers↓\n');
  expect(placeBelow(source, 0, '  ')).toEqual({
    start: { line: 0, character: 21 },
    position: { line: 0, character: 21 },
    leading: '\n  ',
    shape: 'passage',
  });
});

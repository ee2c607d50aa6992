import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TextChange, TextPosition } from '../../model-runtime/protocol/messages';
import type { Random } from './random';

const FOLDER = path.resolve(__dirname, '../fixtures/code');

/** Real files, LF only. */
export function codeFixtures(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => readFileSync(path.join(FOLDER, name), 'utf8').replaceAll('\r\n', '\n'));
}

const TYPED = [
  'a',
  'foo',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\n    ',
  ' \n \n',
  '(',
  ')',
  '};\n',
  '12',
  '.',
  '"',
  '\t',
];
const ODD = [
  'é',
  '한국',
  '😀',
  '\ud83d',
  '\ude00',
  '\u2028',
  '<|fim_middle|>',
  '\u0000',
  '\u00a0',
  'e\u0301',
];

/** A random edit of `text`: typing, deleting, odd characters, lines moved, huge pastes. */
export function randomEdit(
  text: string,
  random: Random,
): { start: number; end: number; text: string } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const at = Math.floor(random() * (text.length + 1));
  const kind = random();
  const to = (length: number) => Math.min(text.length, at + Math.floor(random() * length));
  if (kind < 0.5) return { start: at, end: at, text: pick(TYPED) };
  if (kind < 0.6) return { start: at, end: at, text: pick(ODD) };
  if (kind < 0.8) return { start: at, end: to(12), text: '' };
  if (kind < 0.9) return { start: at, end: to(80), text: pick(TYPED) };
  const from = Math.floor(random() * text.length);
  const copied = text.slice(from, from + Math.floor(random() * 200));
  // Texts stay about as long as they are.
  return { start: at, end: text.length > 1200 ? to(500) : at, text: copied };
}

export function applyToString(
  text: string,
  edit: { start: number; end: number; text: string },
): string {
  return text.slice(0, edit.start) + edit.text + text.slice(edit.end);
}

export function toChange(
  text: string,
  edit: { start: number; end: number; text: string },
): TextChange {
  return { start: positionAt(text, edit.start), end: positionAt(text, edit.end), text: edit.text };
}

export function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, character: offset - lineStart };
}

import { expect, it } from 'vitest';
import type { ModelText } from '../../../../extension/completion/confidence';
import { SuggestionMemory } from '../../../../extension/completion/typingAsSuggested';

function at(notation: string, documentId = 'd') {
  const [prefix = '', suffix = ''] = notation.split('↓');
  return { documentId, prefix, suffix };
}

function said(text: string): ModelText {
  return {
    text,
    tokens: [{ end: text.length, logProbability: -1 }],
    isFinished: true,
    startsLine: false,
  };
}

function remembering(notation: string, text: string) {
  const memory = new SuggestionMemory();
  memory.remember(at(notation), said(text));
  return memory;
}

it('shows the rest while the suggestion is typed, and all of it after deleting back', () => {
  const memory = remembering('const a = ↓\nb', 'value + 1;');
  expect(memory.recall(at('const a = ↓\nb'))?.text).toBe('value + 1;');
  expect(memory.recall(at('const a = va↓\nb'))?.text).toBe('lue + 1;');
  expect(memory.recall(at('const a = value +↓\nb'))?.text).toBe(' 1;');
  expect(memory.recall(at('const a = v↓\nb'))?.text).toBe('alue + 1;');
});

it('shows nothing once something else is typed, or all of it', () => {
  const memory = remembering('a = ↓', 'value');
  expect(memory.recall(at('a = x↓'))).toBeUndefined();
  expect(memory.recall(at('a = value↓'))).toBeUndefined();
  expect(memory.recall(at('a =↓'))).toBeUndefined();
  expect(memory.recall(at('a = v↓;'))).toBeUndefined();
});

it('goes on over line ends', () => {
  const memory = remembering('if (a) {↓', '\n  b();\n  c();');
  expect(memory.recall(at('if (a) {\n  b();↓'))?.text).toBe('\n  c();');
});

it('accepts the brackets that the editor closes by itself', () => {
  const memory = remembering('x = ↓\nrest', 'f(a[0], "b")');
  expect(memory.recall(at('x = f(↓)\nrest'))?.text).toBe('a[0], "b")');
  expect(memory.recall(at('x = f(a[↓])\nrest'))?.text).toBe('0], "b")');
  expect(memory.recall(at('x = f(↓]\nrest'))?.text).toBe('a[0], "b")');
  expect(memory.recall(at('x = f(↓}\nrest'))).toBeUndefined();
});

it('takes the newest of several that fit, and keeps documents apart', () => {
  const memory = remembering('a↓', 'bcd');
  memory.remember(at('ab↓'), said('xyz'));
  expect(memory.recall(at('ab↓'))?.text).toBe('xyz');
  expect(memory.recall(at('a↓'))?.text).toBe('bcd');
  expect(memory.recall(at('a↓', 'other'))).toBeUndefined();
  memory.forgetDocument('d');
  expect(memory.recall(at('a↓'))).toBeUndefined();
});

it('has one suggestion for a place, the newest', () => {
  const memory = remembering('a = ↓;', 'old');
  memory.remember(at('a = ↓;'), said('new'));
  expect(memory.recall(at('a = ↓;'))?.text).toBe('new');
  expect(memory.recall(at('a = o↓;'))).toBeUndefined();
});

it('keeps a suggestion when the text before the cursor begins further down by now', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line${i};`);
  const memory = remembering(`${lines.slice(0, 31).join('\n')}\nif (a) {↓`, '\n  b();\n  c();');
  // From line 32 on the local context has the lines from 16 on.
  const below = [...lines.slice(16, 31), 'if (a) {'].join('\n');
  expect(memory.recall(at(`${below}\n  b();↓`))?.text).toBe('\n  c();');
  expect(memory.recall(at(`${below}\n  x();↓`))).toBeUndefined();
  memory.forgetDocument('d');
  expect(memory.recall(at(`${below}\n  b();↓`))).toBeUndefined();
});

it('forgets the oldest', () => {
  const memory = remembering('first↓', 'x');
  for (let i = 0; i < 99; i++) memory.remember(at(`${i} ↓`), said('y'));
  expect(memory.recall(at('first↓'))?.text).toBe('x');
  memory.remember(at('one more ↓'), said('z'));
  expect(memory.recall(at('first↓'))).toBeUndefined();
});

import { expect, it } from 'vitest';
import { rightBeginning, simulateTyping } from '../../../scripts/eval/typing';

it.each([
  ['foo();', 'foo();\nbar();', 'foo();'],
  ['foo();\nbaz();', 'foo();\nbar();', 'foo();'],
  ['foo(a, b)', 'foo(a, c)', 'foo(a'],
  ['foobar', 'foo', ''],
  ['foo', 'foobar', ''],
  ['', 'foo', ''],
  ['x', 'foo', ''],
])('of %j right for %j is %j', (shown, rest, expected) => {
  expect(rightBeginning(shown, rest)).toBe(expected);
});

/** Knows what follows at some places. */
function writerWith(text: string, suggestions: Record<string, string>) {
  let written = '';
  return {
    get written() {
      return written;
    },
    insert(more: string) {
      written += more;
      expect(text.startsWith(written)).toBe(true);
    },
    suggest: () => {
      const insertText = suggestions[written];
      return Promise.resolve(
        insertText === undefined ? undefined : { insertText, replacedAfter: 0 },
      );
    },
  };
}

it('counts keys, with one for an acceptance and none for the indentation of a new line', async () => {
  const text = 'if (a) {\n    call(b);\n}';
  const passage = { text, start: 0, end: text.length };
  const plain = writerWith(text, {});
  expect(await simulateTyping(passage, plain)).toEqual({
    characters: text.length - 4,
    keys: text.length - 4,
    shown: 0,
    accepted: 0,
  });
  expect(plain.written).toBe(text);
  const helped = writerWith(text, { 'if (a) {\n    ': 'call(b);', if: ' wrong' });
  expect(await simulateTyping(passage, helped)).toEqual({
    characters: text.length - 4,
    keys: text.length - 4 - 7,
    shown: 2,
    accepted: 1,
  });
  expect(helped.written).toBe(text);
});

it('counts a suggestion once while it is typed or accepted in parts', async () => {
  const writer = writerWith('abc defg', { '': 'abc xyz', abc: ' xyz' });
  const figures = await simulateTyping({ text: 'abc defg', start: 0, end: 8 }, writer);
  expect(figures).toEqual({ characters: 8, keys: 6, shown: 1, accepted: 1 });
});

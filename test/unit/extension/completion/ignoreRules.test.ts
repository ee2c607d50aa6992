import { expect, it } from 'vitest';
import { foldersAbove, isIgnored } from '../../../../extension/completion/ignoreRules';

const root = (text: string) => [{ folder: '', text }];

it.each([
  ['a.log', '*.log', true],
  ['deep/down/a.log', '*.log', true],
  ['a.ts', '*.log', false],
  ['build/a.ts', 'build/', true],
  ['src/build/a.ts', '/build/', false],
  ['keep.log', '*.log\n!keep.log', false],
  ['a b/c.ts', 'a b/', true],
  ['#a.ts', '\\#a.ts', true],
  ['a.ts', '# a.ts\n', false],
])('%s under %j: %s', (path, text, expected) => {
  expect(isIgnored(path, root(text))).toBe(expected);
});

it('lets the nearer file decide', () => {
  const files = [...root('*.gen.ts'), { folder: 'src', text: '!a.gen.ts\n/local/' }];
  expect(isIgnored('src/a.gen.ts', files)).toBe(false);
  expect(isIgnored('src/b.gen.ts', files)).toBe(true);
  expect(isIgnored('src/local/c.ts', files)).toBe(true);
});

it('knows the folders on the way', () => {
  expect(foldersAbove('a/b/c.ts')).toEqual(['', 'a', 'a/b']);
  expect(foldersAbove('c.ts')).toEqual(['']);
});

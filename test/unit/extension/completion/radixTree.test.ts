import { expect, it } from 'vitest';
import { RadixTree } from '../../../../extension/completion/radixTree';
import { createRandom } from '../../../support/random';

function found(tree: RadixTree<string>, text: string): string[] {
  return [...tree.prefixesOf(text)].map(({ value, length }) => `${length} ${value}`);
}

it('finds what begins a text, shorter keys first', () => {
  const tree = new RadixTree<string>();
  for (const key of ['const', 'con', 'cons', 'let', '', 'continue']) tree.add(key, key);
  expect(found(tree, 'const a')).toEqual(['0 ', '3 con', '4 cons', '5 const']);
  expect(found(tree, 'contin')).toEqual(['0 ', '3 con']);
  expect(found(tree, 'x')).toEqual(['0 ']);
});

it('holds several values under one key, and each of them once', () => {
  const tree = new RadixTree<string>();
  tree.add('a', 'first');
  tree.add('a', 'second');
  tree.add('a', 'first');
  expect(found(tree, 'ab')).toEqual(['1 first', '1 second']);
  tree.delete('a', 'first');
  expect(found(tree, 'ab')).toEqual(['1 second']);
});

it('is what looking at every key would find, after any additions and deletions', () => {
  const random = createRandom(7);
  const pick = (most: number) => Math.floor(random() * most);
  const text = (most: number) => Array.from({ length: pick(most) }, () => 'ab'[pick(2)]).join('');
  const tree = new RadixTree<string>();
  const held = new Set<string>();
  for (let step = 0; step < 3000; step++) {
    const key = text(9);
    if (pick(5) < 3) {
      tree.add(key, key);
      held.add(key);
    } else {
      tree.delete(key, key);
      held.delete(key);
    }
    const asked = text(12);
    const expected = [...held]
      .filter((one) => asked.startsWith(one))
      .sort((a, b) => a.length - b.length)
      .map((one) => `${one.length} ${one}`);
    expect(found(tree, asked)).toEqual(expected);
  }
  for (const key of held) tree.delete(key, key);
  // Nothing is left behind, not even branches.
  expect(tree).toEqual(new RadixTree<string>());
});

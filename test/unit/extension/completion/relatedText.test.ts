import { expect, it } from 'vitest';
import {
  excerpt,
  importPositions,
  relatedShares,
} from '../../../../extension/completion/relatedText';
import type { TextSource } from '../../../../extension/completion/textSource';

function sourceOf(text: string): TextSource {
  const lines = text.split('\n');
  return {
    uri: 'file:///a',
    languageId: 'plaintext',
    lineCount: lines.length,
    eol: '\n',
    lineAt: (line) => lines[line] ?? '',
  };
}

/** What stands at each place that a language server is asked about. */
function imported(text: string): string[] {
  const source = sourceOf(text);
  return importPositions(source).map(({ line, character }) => {
    const [word = ''] = /^[^\s"'`<>;)]+/.exec(source.lineAt(line).slice(character)) ?? [];
    return word;
  });
}

it.each([
  ["import { b } from './b';", './b'],
  ["} from '../lib/c';", '../lib/c'],
  ["export * from './d';", './d'],
  ["const e = require('./e');", './e'],
  ["const f = await import('./f');", './f'],
  ['#include "g.h"', 'g.h'],
  ['#  include <h/i.h>', 'h/i.h'],
  ['from .models import User', 'User'],
  ['import app.tools as tools', 'tools'],
  ['use crate::state::Snapshot;', 'Snapshot'],
  ['import com.example.Names;', 'Names'],
  ['using App.Core;', 'Core'],
  ["require_relative 'lib/names'", 'lib/names'],
  ['@import "theme.css";', 'theme.css'],
  ['\t"example.com/app/names"', 'example.com/app/names'],
  ['\tlong "example.com/app/longNames"', 'example.com/app/longNames'],
])('asks what %s imports', (line, name) => {
  expect(imported(`// a comment\n${line}\n`)).toEqual([name]);
});

it.each([
  'const important = 1;',
  'fromage = "brie"',
  'export function a() {}',
  'user.use();',
  '  "one",',
  `import x from '${'x'.repeat(500)}';`,
])('does not ask about %s', (line) => {
  expect(imported(line)).toEqual([]);
});

it('asks about the first lines only, and not about more than are of use', () => {
  expect(imported(`${'\n'.repeat(200)}import a from 'a';`)).toEqual([]);
  expect(imported("import a from 'a';\n".repeat(50))).toHaveLength(12);
});

it('takes the whole of a small text, and of a larger one whole lines around the place', () => {
  expect(excerpt(sourceOf('one\ntwo'), 1, 100)).toBe('one\ntwo\n');
  const lines = Array.from({ length: 100 }, (_, i) => `line ${String(i).padStart(2, '0')}`);
  const source = sourceOf(lines.join('\n'));
  const taken = (line: number) => excerpt(source, line, 80).trimEnd().split('\n');
  expect(taken(50)).toEqual(lines.slice(49, 59));
  expect(taken(0)).toEqual(lines.slice(0, 10));
  // At the end what is missing below comes from above; a place that is gone is the end.
  expect(taken(99)).toEqual(lines.slice(90));
  expect(taken(1000)).toEqual(lines.slice(90));
  expect(excerpt(sourceOf('x'.repeat(500)), 0, 80)).toBe('');
});

it('shares a budget among as many files as it is worth while', () => {
  expect(relatedShares(0, 1000)).toEqual({ files: 0, characters: 0 });
  expect(relatedShares(3, 100)).toEqual({ files: 1, characters: 300 });
  expect(relatedShares(3, 1000)).toEqual({ files: 3, characters: 1000 });
  expect(relatedShares(20, 1000)).toEqual({ files: 5, characters: 600 });
  expect(relatedShares(20, 4096).files).toBe(8);
});

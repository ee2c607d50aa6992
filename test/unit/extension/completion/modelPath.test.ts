import { expect, it } from 'vitest';
import { modelPath } from '../../../../extension/completion/modelPath';

const name = (path: string, options: Partial<Parameters<typeof modelPath>[0]> = {}) =>
  modelPath({ path, isInWorkspace: true, languageId: 'python', hasOwnExtension: true, ...options });

it('has forward slashes and the last eight parts', () => {
  expect(name('src\\lib\\a.py')).toBe('src/lib/a.py');
  expect(name('a/b/c/d/e/f/g/h/i/j.py')).toBe('c/d/e/f/g/h/i/j.py');
});

it('says little about folders outside the workspace', () => {
  expect(name('/home/someone/private/x/y/a.py', { isInWorkspace: false })).toBe('x/y/a.py');
});

it('names untitled documents and notebook cells by their language', () => {
  const cell = { hasOwnExtension: false };
  expect(name('main', cell)).toBe('main.py');
  expect(name('notes/data.ipynb', cell)).toBe('notes/data.py');
  expect(name('main', { ...cell, languageId: 'some-language' })).toBe('main');
  expect(name('', cell)).toBe('untitled.py');
});

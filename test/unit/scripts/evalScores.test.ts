import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../scripts/eval/judge';
import { editSimilarity, reportOf } from '../../../scripts/eval/scores';
import { readTasks, spread, type Task } from '../../../scripts/eval/tasks';

function task(prefix: string, middle: string, suffix: string, kind: Task['kind'] = 'line'): Task {
  return { prefix, middle, suffix, kind, path: 'a.ts', language: 'typescript' };
}

function judged(one: Task, insertText: string, replacedAfter = 0) {
  return judge(one, { insertText, replacedAfter }, 5);
}

describe('editSimilarity', () => {
  it.each([
    ['', '', 1],
    ['abc', 'abc', 1],
    ['abc', '', 0],
    ['kitten', 'sitting', 1 - 3 / 7],
    ['ab', 'ba', 0],
  ])('of %j and %j is %d', (a, b, expected) => {
    expect(editSimilarity(a, b)).toBeCloseTo(expected);
  });
});

describe('judge', () => {
  it('compares the first lines of line tasks, trimmed', () => {
    const one = task('x = ', 'f(a);', '\n');
    expect(judged(one, 'f(a);\ng();')).toMatchObject({ isExact: true, isRight: true });
    expect(judged(one, 'f(b);')).toMatchObject({ isExact: false, editSimilarity: 0.8 });
  });

  it('counts a beginning of whole lines as right but not exact', () => {
    const one = task('  ', 'a();\n  b();\n  c();', '\n', 'block');
    expect(judged(one, 'a();\n  b();')).toMatchObject({
      isExact: false,
      isRight: true,
      shownLines: 2,
      rightLines: 2,
    });
    expect(judged(one, 'a();\n  x();\n  c();')).toMatchObject({ isRight: false, rightLines: 1 });
    expect(judged(one, 'a();\n b();\n  c();')).toMatchObject({ rightLines: 1 });
  });

  it('takes what is replaced for a part of the text', () => {
    expect(judged(task('f(', 'a', ');\n'), 'a);', 2)).toMatchObject({ isExact: true });
  });

  it('counts nothing as wrong', () => {
    const outcome = judge(task('', 'a', ''), undefined, undefined);
    expect(outcome).toMatchObject({ isShown: false, isExact: false, editSimilarity: 0 });
  });

  it('sees doubled closing brackets', () => {
    const one = task('f(\n  a,', ' b', '\n)\n');
    expect(judged(one, ' b)').doublesCloser).toBe(true);
    expect(judged(one, ' b').doublesCloser).toBe(false);
    expect(judged(one, ' g(b)').doublesCloser).toBe(false);
    // The file was to have one more opened; that is another fault than doubling.
    expect(judged(task('f({\n', 'g({', '\n  })\n})'), 'h(1)').doublesCloser).toBe(false);
    expect(judged(task('f(', 'a', ')'), 'a)', 1).doublesCloser).toBe(false);
  });

  it('sees the next line again', () => {
    const one = task('  a();\n  ', 'b();', '\n\n  c();\n', 'block');
    expect(judged(one, 'b();\n  c();').repeatsNextLine).toBe(true);
    expect(judged(one, 'b();').repeatsNextLine).toBe(false);
    expect(judged(task('  ', 'b();\n  b();', '\n  b();'), 'b();').repeatsNextLine).toBe(false);
  });
});

it('reports shares by kind and language', () => {
  const right = judged(task('', 'a', ''), 'a');
  const wrong = judged(task('', 'a', ''), 'b');
  const none = judge({ ...task('', 'a', ''), language: 'go' }, undefined, 1);
  const scores = { n: 3, exactMatch: 1 / 3, editSimilarity: 1 / 3, shown: 2 / 3, precision: 0.5 };
  expect(reportOf([right, wrong, none])).toEqual({
    line: scores,
    block: { n: 0, exactMatch: 0, editSimilarity: 0, shown: 0, precision: 0 },
    languages: {
      typescript: {
        line: { n: 2, exactMatch: 0.5, editSimilarity: 0.5, shown: 1, precision: 0.5 },
      },
      go: { line: { n: 1, exactMatch: 0, editSimilarity: 0, shown: 0, precision: 0 } },
    },
  });
});

it('names the line of a file that is not a task', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tasks-')), 'tasks.jsonl');
  const good = JSON.stringify(task('', 'a', ''));
  writeFileSync(file, `${good}\n\n${good}\n`);
  expect(readTasks(file)).toHaveLength(2);
  writeFileSync(file, `${good}\n{"prefix": ""}\n`);
  expect(() => readTasks(file)).toThrow(/:2: suffix/);
  writeFileSync(file, 'not json');
  expect(() => readTasks(file)).toThrow(/:1: /);
});

it('spreads a sample over all', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6]);
  expect(spread([0, 1], 3)).toEqual([0, 1]);
});

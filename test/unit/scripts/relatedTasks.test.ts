import { expect, it } from 'vitest';
import { relatedFiles } from '../../../scripts/eval/relatedTasks';
import type { Task } from '../../../scripts/eval/tasks';

const task = (path: string, prefix = '', repo = 'a/b'): Task => ({
  ...{ repo, path, prefix, middle: `// ${path}`, suffix: '\n', language: 'typescript' },
  kind: 'line',
});

const TASKS = [
  task('src/deep/names/index.ts'),
  task('test/far.ts'),
  task('src/app/near.ts'),
  task('src/app/near.ts'),
  task('src/app/user.ts', 'x\n'),
  task('src/other.ts', '', 'c/d'),
];

it('reads other files of the repository first, the imported ones last, those near by before them', () => {
  const user = task('src/app/user.ts', "import { names } from '../deep/names';\n");
  const paths = relatedFiles(user, TASKS, 1000).map(({ path }) => path);
  expect(paths).toEqual(['test/far.ts', 'src/app/near.ts', 'src/deep/names/index.ts']);
  expect(relatedFiles(user, TASKS, 200)).toEqual([
    { path: 'src/deep/names/index.ts', text: '// src/deep/names/index.ts\n\n' },
  ]);
});

it('reads none where tasks have no repository', () => {
  const alone = TASKS.map((each) => ({ ...each, repo: undefined }));
  expect(relatedFiles({ ...TASKS[1], repo: undefined }, alone, 1000)).toEqual([]);
});

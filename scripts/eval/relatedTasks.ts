import { excerpt, importPositions, relatedShares } from '../../extension/completion/relatedText';
import type { RelateFilesNotification } from '../../model-runtime/protocol/messages';
import { sourceOf } from './taskSource';
import type { Task } from './tasks';

/** Names under which a folder is imported. */
const FOLDER_FILES = new Set(['index', 'mod', 'lib', '__init__']);

/**
 * What would be read before the task's file: other files of its repository among `tasks`, the most important last. Those that its imports
 * name come after the others, and among them those that are nearer by path.
 */
export function relatedFiles(
  task: Task,
  tasks: readonly Task[],
  mostTokens: number,
): RelateFilesNotification['files'] {
  const source = sourceOf('', task.prefix, task.language);
  const imports = importPositions(source).map(({ line }) => source.lineAt(line));
  const others = new Map(
    tasks
      .filter(({ repo, path }) => repo !== undefined && repo === task.repo && path !== task.path)
      .map((other) => [other.path, other]),
  );
  const weight = ({ path }: Task) => {
    const name = importName(path);
    const isImported = imports.some((line) => words(line).includes(name));
    return (isImported ? 1000 : 0) + commonParts(path, task.path);
  };
  const sorted = [...others.values()].sort((a, b) => weight(a) - weight(b));
  const { files, characters } = relatedShares(sorted.length, mostTokens);
  return sorted.slice(sorted.length - files).map(({ path, prefix, middle, suffix, language }) => ({
    path,
    text: excerpt(sourceOf('', prefix + middle + suffix, language), 0, characters),
  }));
}

/** The name by which other files import one. */
function importName(path: string): string {
  const parts = path.split('/');
  const name = (parts.pop() ?? '').replace(/(?<=.)\.[^.]*$/, '');
  return FOLDER_FILES.has(name) ? (parts.pop() ?? name) : name;
}

function words(line: string): string[] {
  return line.split(/[^\p{L}\p{N}_$-]+/u);
}

function commonParts(a: string, b: string): number {
  const [one, other] = [a.split('/'), b.split('/')];
  const differs = one.findIndex((part, i) => part !== other[i]);
  return differs < 0 ? one.length : differs;
}

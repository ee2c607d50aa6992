import { unmatchedClosers } from '../../extension/completion/brackets';
import type { Suggestion } from '../../extension/completion/postProcessing';
import { editSimilarity, type Outcome } from './scores';
import type { Task } from './tasks';

/** `original`: what followed in the file, where the editor has closed brackets in `suffix` since. */
type Judged = Task & { original?: string };

/** Compares what would be inserted with what stood there. */
export function judge(
  task: Judged,
  suggestion: Suggestion | undefined,
  timeMs: number | undefined,
): Outcome {
  const { language, kind } = task;
  const common = {
    language,
    kind,
    expected: task.middle,
    ...(timeMs === undefined ? {} : { timeMs }),
  };
  if (suggestion === undefined) return { ...common, ...NOTHING };
  // With the rest of the line, since that may be replaced, or closed by the editor before the text came.
  const rest = restOfLine(task.suffix.slice(suggestion.replacedAfter));
  const shown = asLines(suggestion.insertText + rest, kind);
  const expected = asLines(task.middle + restOfLine(task.original ?? task.suffix), kind);
  const wrongAt = shown.findIndex((line, i) => !isSameLine(line, expected[i], i));
  const rightLines = wrongAt < 0 ? shown.length : wrongAt;
  const isExact = rightLines === shown.length && shown.length === expected.length;
  return {
    ...common,
    isShown: true,
    text: suggestion.insertText,
    replacedAfter: suggestion.replacedAfter,
    isExact,
    isRight: rightLines === shown.length,
    editSimilarity: editSimilarity(shown.join('\n').trim(), expected.join('\n').trim()),
    shownLines: shown.length,
    rightLines,
    doublesCloser: doublesCloser(task, suggestion),
    repeatsNextLine: repeatsNextLine(task, suggestion),
  };
}

function restOfLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

const NOTHING = {
  isShown: false,
  text: '',
  replacedAfter: 0,
  isExact: false,
  isRight: false,
  editSimilarity: 0,
  shownLines: 0,
  rightLines: 0,
  doublesCloser: false,
  repeatsNextLine: false,
};

/** Without blank lines at the ends; of a line task the first line alone. */
function asLines(text: string, kind: Task['kind']): string[] {
  const lines = text.replace(/\r\n?/g, '\n').trimEnd().split('\n');
  return kind === 'line' ? lines.slice(0, 1) : lines;
}

/** The first line's indentation stands before the cursor or in the text. */
function isSameLine(line: string, expected: string | undefined, index: number): boolean {
  if (expected === undefined) return false;
  return index === 0 ? line.trim() === expected.trim() : line.trimEnd() === expected.trimEnd();
}

/**
 * The text ends in a closing bracket that it did not open and that follows the cursor too, and then the file has more closing brackets without partner than
 * before. Brackets in strings count, on both sides of the comparison.
 */
function doublesCloser(
  { prefix, middle, suffix, original = suffix }: Judged,
  suggestion: Suggestion,
): boolean {
  const after = suffix.slice(suggestion.replacedAfter);
  const last = /[)\]}](?=[;,\s]*$)/.exec(suggestion.insertText)?.[0];
  if (last === undefined || !after.trimStart().startsWith(last)) return false;
  if (!unmatchedClosers(suggestion.insertText).endsWith(last)) return false;
  const now = unmatchedClosers(prefix + suggestion.insertText + after);
  return now.length > unmatchedClosers(prefix + middle + original).length;
}

/** A line of the text stands below the cursor already, and did not stand twice in the file. */
function repeatsNextLine({ prefix, middle, suffix }: Task, suggestion: Suggestion): boolean {
  const next = suffix
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '')
    ?.trimEnd();
  if (next === undefined || /^[\s)\]}>;,]*$/.test(next)) return false;
  const lineBefore = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const isThere = (text: string) =>
    (lineBefore + text).split(/\r\n|\n/).some((line) => line.trimEnd() === next);
  return isThere(suggestion.insertText) && !isThere(middle);
}

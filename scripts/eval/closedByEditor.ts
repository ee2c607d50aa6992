import type { Task } from './tasks';

const CLOSER_OF: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * The task as it is in an editor that has closed the brackets which are open on the cursor's line: they stand behind the cursor.
 * Undefined where none is open, or where the line's own rest does not close them.
 */
export function closedByEditor<T extends Task>(task: T): (T & { original: string }) | undefined {
  const lineBefore = task.prefix.slice(task.prefix.lastIndexOf('\n') + 1);
  const closers = openBrackets(lineBefore);
  const [first = ''] = task.middle.split('\n', 1);
  if (closers === '' || openBrackets(lineBefore + first) !== '') return undefined;
  return { ...task, suffix: closers + task.suffix, original: task.suffix };
}

/** The closing partners of brackets that `text` leaves open, innermost first. Brackets in strings count too. */
function openBrackets(text: string): string {
  let open = '';
  for (const character of text) {
    const closer = CLOSER_OF[character];
    if (closer !== undefined) open = closer + open;
    else if (open !== '' && character === open.charAt(0)) open = open.slice(1);
  }
  return open;
}

import { readFileSync } from 'node:fs';
import * as v from 'valibot';

export const taskSchema = v.object({
  repo: v.optional(v.string()),
  prefix: v.string(),
  suffix: v.string(),
  middle: v.string(),
  path: v.string(),
  language: v.string(),
  kind: v.picklist(['line', 'block']),
});

/** A cursor in a file (`prefix + middle + suffix`) and what stood behind it. `language` is VS Code's identifier. */
export type Task = v.InferOutput<typeof taskSchema>;

/** Tasks of a file, one JSON object a line. Throws with the line's number where one is not a task. */
export function readTasks(file: string): Task[] {
  return readJsonLines(file, taskSchema);
}

/** Parsed lines of a JSON Lines file. Throws with the line's number where one does not fit. */
export function readJsonLines<T>(file: string, schema: v.GenericSchema<unknown, T>): T[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = v.safeParse(schema, parseJson(line));
    if (parsed.success) return [parsed.output];
    const [issue] = parsed.issues;
    throw new Error(`${file}:${index + 1}: ${v.getDotPath(issue) ?? 'line'}: ${issue.message}`);
  });
}

/** At most `limit` of them, spread evenly, so that every repository and kind of a sorted file is there. */
export function spread<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  return Array.from(
    { length: limit },
    (_, i) => items[Math.floor((i * items.length) / limit)],
  ).filter((item) => item !== undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported by the schema, with the line's number.
    return undefined;
  }
}

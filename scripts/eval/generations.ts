import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { readJsonLines, type Task } from './tasks';

export const generationSchema = v.object({
  /** Of the task it belongs to. */
  key: v.string(),
  /** The model's own text, greedy, without any rule that ends it. */
  text: v.string(),
  /** Per token: UTF-16 length of the text up to and with it, and natural-log probability. The last may be a special token. */
  tokens: v.array(v.object({ end: v.number(), logProbability: v.number() })),
  ended: v.picklist(['specialToken', 'maxTokens', 'lines']),
  totalMs: v.number(),
});

/** What the model said at a task's cursor, kept so that rules can be measured again without the model. */
export type Generation = v.InferOutput<typeof generationSchema>;

/** Names a task by its text. */
export function taskKey(task: Pick<Task, 'path' | 'prefix' | 'suffix'>): string {
  const { path, prefix, suffix } = task;
  return createHash('sha256')
    .update(JSON.stringify([path, prefix, suffix]))
    .digest('hex')
    .slice(0, 16);
}

/** By task. */
export function readGenerations(file: string): Map<string, Generation> {
  return new Map(readJsonLines(file, generationSchema).map((entry) => [entry.key, entry]));
}

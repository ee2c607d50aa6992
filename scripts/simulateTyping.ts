// Types passages of held-out files and accepts what is right: how many keys suggestions save.
import { parseArgs } from 'node:util';
import { COMMON_OPTIONS, commonOptions } from './eval/options';
import { readTasks, spread, type Task } from './eval/tasks';
import { simulateTyping, type TypingFigures } from './eval/typing';
import { WrittenDocument } from './eval/writtenDocument';
import { scriptLogger, startRuntime } from './startRuntime';

const USAGE = `usage: npm run typing -- --tasks FILE [--limit FILES] [--characters N] [--model FOLDER] [--engine auto|cpu|onnx|reference] [--threads N] [--set KEY=VALUE]... [--json]

Types N characters (default 400) of each of so many files (default 10) of the tasks, from the beginning of a task's line on,
and accepts a suggestion, its first lines or its first words where they are right.`;

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: { ...COMMON_OPTIONS, characters: { type: 'string', default: '400' } },
    });
    if (values.help) {
      console.log(USAGE);
      return;
    }
    const { engine, weights, threads, modelFolder, settings, tasksFile } = commonOptions(values);
    const files = spread(oneOfEachFile(readTasks(tasksFile)), Number(values.limit ?? 10));
    const client = startRuntime({ engine, weights, threads, modelFolder }, scriptLogger(false));
    const all: TypingFigures[] = [];
    try {
      await client.whenReady();
      for (const task of files) {
        const { path, language } = task;
        const passage = passageOf(task, Number(values.characters));
        const document = new WrittenDocument(
          {
            path,
            language,
            before: passage.text.slice(0, passage.start),
            after: passage.text.slice(passage.end),
            settings,
          },
          client,
        );
        const figures = await simulateTyping(passage, document);
        document.close();
        all.push(figures);
        if (!values.json) console.log(describe(path, figures));
      }
    } finally {
      await client.stop();
    }
    const total = sum(all);
    console.log(
      values.json ? JSON.stringify({ files: all.length, ...total }) : describe('all', total),
    );
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

function oneOfEachFile(tasks: readonly Task[]): Task[] {
  return [...new Map(tasks.map((task) => [task.path, task])).values()];
}

function passageOf({ prefix, middle, suffix }: Task, characters: number) {
  const text = (prefix + middle + suffix).replaceAll('\r\n', '\n');
  const start = prefix.replaceAll('\r\n', '\n').lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', start + characters);
  return { text, start, end: lineEnd < 0 ? text.length : lineEnd };
}

function sum(all: readonly TypingFigures[]): TypingFigures {
  const total = { characters: 0, keys: 0, shown: 0, accepted: 0 };
  for (const figures of all) {
    total.characters += figures.characters;
    total.keys += figures.keys;
    total.shown += figures.shown;
    total.accepted += figures.accepted;
  }
  return total;
}

function describe(name: string, { characters, keys, shown, accepted }: TypingFigures): string {
  const saved = characters - keys;
  return (
    `${name}: ${characters} characters with ${keys} keys, ${(saved / keys).toFixed(2)} characters saved per key; ` +
    `${shown} suggestions shown, ${accepted} accepted (${((100 * accepted) / Math.max(1, shown)).toFixed(0)} %)`
  );
}

void main();

// HumanEval-Infilling (arXiv 2207.14255), single line: the share of tasks whose tests pass with the first suggestion.
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { evaluate } from './eval/evaluate';
import { COMMON_OPTIONS, commonOptions } from './eval/options';
import { runPython } from './eval/pythonTest';
import { mean } from './eval/scores';
import { readJsonLines, spread, taskSchema } from './eval/tasks';

const USAGE = `usage: npm run humaneval -- --tasks FILE [--model FOLDER] [--engine auto|cpu|onnx|reference] [--threads N] [--limit N] [--set KEY=VALUE]... [--replay FILE] [--json] [--verbose]

FILE has tasks as for npm run eval, with entryPoint and test besides. Each is completed once; it passes when the
completed program runs its test without an exception within five seconds, in a Python process of its own. Unless
--set says otherwise everything is shown (confidence=all), one line each (multiline=never), as the task is meant.`;

const humanEvalSchema = v.object({
  ...taskSchema.entries,
  entryPoint: v.string(),
  test: v.string(),
});

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options: COMMON_OPTIONS });
    if (values.help) {
      console.log(USAGE);
      return;
    }
    const set = ['confidence=all', 'multiline=never', ...values.set];
    const options = commonOptions({ ...values, set });
    const tasks = spread(readJsonLines(options.tasksFile, humanEvalSchema), options.limit);
    const results: { isPassed: boolean; isExact: boolean }[] = [];
    for (const { task, outcome } of await evaluate({ ...options, tasks })) {
      const { text, replacedAfter, isExact } = outcome;
      const completed = task.prefix + text + task.suffix.slice(replacedAfter);
      const result = await runPython(`${completed}\n${task.test}\ncheck(${task.entryPoint})\n`);
      if (values.verbose) console.error(`${result} ${JSON.stringify(text)}`);
      results.push({ isPassed: result === 'passed', isExact });
    }
    const passAt1 = mean(results, (one) => Number(one.isPassed));
    const exactMatch = mean(results, (one) => Number(one.isExact));
    const report = { n: results.length, passAt1, exactMatch };
    console.log(
      values.json
        ? JSON.stringify(report)
        : `${report.n} tasks, pass@1 ${(100 * passAt1).toFixed(1)} %, exact match ${(100 * exactMatch).toFixed(1)} %`,
    );
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

void main();

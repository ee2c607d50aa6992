// Measures the product below the editor on completion tasks: prompt, state, generation, post-processing.
import { parseArgs } from 'node:util';
import { evaluate } from './eval/evaluate';
import { COMMON_OPTIONS, commonOptions } from './eval/options';
import { describeOutcome, describeOutcomes } from './eval/print';
import { reportOf } from './eval/scores';
import { readTasks, spread } from './eval/tasks';

const USAGE = `usage: npm run eval -- --tasks FILE [--model FOLDER] [--engine auto|cpu|onnx|reference] [--weights int8|int4] [--threads N] [--limit N] [--set KEY=VALUE]... [--without RULE]... [--close-brackets] [--replay FILE] [--json] [--verbose]

Completes each task of FILE ({prefix, suffix, middle, path, language, kind}, one JSON object a line) as the editor would
while somebody types there, and prints exact match, edit similarity, share shown and precision by kind and language.
--set gives a setting of the extension another value (relatedFilesTokens: other files of the task's repository are read first, from the tasks of FILE), --without leaves out a rule of extension/completion/postProcessing.ts. --close-brackets takes the tasks in whose line brackets are
open, and closes them behind the cursor, as editors do. --replay takes what npm run record kept instead of the model.
--verbose prints first what was shown and what stood there, with doubled brackets and repeated lines marked.`;

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options: COMMON_OPTIONS });
    if (values.help) {
      console.log(USAGE);
      return;
    }
    const options = commonOptions(values);
    const neighbours = readTasks(options.tasksFile);
    const tasks = spread(neighbours, options.limit);
    const outcomes = (await evaluate({ ...options, tasks, neighbours })).map(
      ({ outcome }) => outcome,
    );
    if (values.verbose) for (const outcome of outcomes) console.error(describeOutcome(outcome));
    console.log(values.json ? JSON.stringify(reportOf(outcomes)) : describeOutcomes(outcomes));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

void main();

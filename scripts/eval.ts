// Measures the product below the editor on completion tasks: prompt, state, generation, post-processing.
import { parseArgs } from 'node:util';
import { parseSettings } from '../extension/settings/parse';
import { settingKeys, type Settings } from '../extension/settings/table';
import type { EngineChoice, WeightsChoice } from '../model-runtime/protocol/messages';
import { readGenerations, taskKey } from './eval/generations';
import { describeOutcome, describeOutcomes } from './eval/print';
import { replayChannel } from './eval/replay';
import { runTasks } from './eval/runTasks';
import { reportOf, type Outcome } from './eval/scores';
import { readTasks, spread, type Task } from './eval/tasks';
import { scriptLogger, startRuntime } from './startRuntime';

const USAGE = `usage: npm run eval -- --tasks FILE [--engine auto|cpu|onnx|reference] [--weights int8|int4] [--limit N] [--set KEY=VALUE]... [--without RULE]... [--replay FILE] [--json] [--verbose]

Completes each task of FILE ({prefix, suffix, middle, path, language, kind}, one JSON object a line) as the editor would
while somebody types there, and prints exact match, edit similarity, share shown and precision by kind and language.
--set gives a setting of the extension another value, --without leaves out a rule of extension/completion/postProcessing.ts. --replay takes what npm run record kept instead of the model.
--verbose prints first what was shown and what stood there, with doubled brackets and repeated lines marked.`;

const ENGINES: readonly EngineChoice[] = ['auto', 'cpu', 'onnx', 'reference'];
const WEIGHTS: readonly WeightsChoice[] = ['int8', 'int4'];

interface Options {
  tasks: Task[];
  engine: EngineChoice;
  weights: WeightsChoice;
  settings: Settings;
  without: ReadonlySet<string>;
  replay: string | undefined;
  isJson: boolean;
  isVerbose: boolean;
}

/** Throws with a message for the user. */
function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      tasks: { type: 'string' },
      engine: { type: 'string', default: 'cpu' },
      weights: { type: 'string', default: 'int8' },
      limit: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
      replay: { type: 'string' },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.tasks === undefined) throw new Error('Name a file of tasks with --tasks.');
  const engine = ENGINES.find((name) => name === values.engine);
  if (!engine) throw new Error(`--engine is one of ${ENGINES.join(', ')}.`);
  const weights = WEIGHTS.find((name) => name === values.weights);
  if (!weights) throw new Error(`--weights is one of ${WEIGHTS.join(', ')}.`);
  const limit = Number(values.limit ?? Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(limit) || limit < 1) throw new Error('--limit is a number from 1.');
  return {
    tasks: spread(readTasks(values.tasks), limit),
    engine,
    weights,
    settings: settingsWith(values.set),
    without: new Set(values.without),
    replay: values.replay,
    isJson: values.json,
    isVerbose: values.verbose,
  };
}

function settingsWith(changes: readonly string[]): Settings {
  const changed = new Map(changes.map((change) => splitOnce(change)));
  const unknown = [...changed.keys()].find((key) => !settingKeys.some((known) => known === key));
  if (unknown !== undefined) throw new Error(`There is no setting «${unknown}».`);
  const { settings, problems } = parseSettings((key) => changed.get(key));
  if (problems[0] !== undefined) throw new Error(problems[0]);
  return settings;
}

function splitOnce(change: string): [string, unknown] {
  const at = change.indexOf('=');
  const value = change.slice(at + 1);
  try {
    return [change.slice(0, at), JSON.parse(value)];
  } catch {
    // Names of choices stand without quotes.
    return [change.slice(0, at), value];
  }
}

async function evaluate(options: Options): Promise<Outcome[]> {
  const { tasks, settings, without, replay } = options;
  if (replay !== undefined) {
    const generations = readGenerations(replay);
    const recorded = tasks.filter((task) => generations.has(taskKey(task)));
    if (recorded.length < tasks.length) {
      console.error(`${recorded.length} of ${tasks.length} tasks have been recorded.`);
    }
    const channelFor = (task: Task) => {
      const generation = generations.get(taskKey(task));
      if (!generation) throw new Error('A task was not recorded.');
      return replayChannel(task, generation);
    };
    return runTasks(recorded, channelFor, settings, without);
  }
  const { engine, weights } = options;
  const client = startRuntime({ engine, weights, threads: 0 }, scriptLogger(false));
  try {
    await client.whenReady();
    return await runTasks(tasks, () => client, settings, without);
  } finally {
    await client.stop();
  }
}

async function main(): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === 'help') {
      console.log(USAGE);
      return;
    }
    const outcomes = await evaluate(options);
    if (options.isVerbose) for (const outcome of outcomes) console.error(describeOutcome(outcome));
    console.log(options.isJson ? JSON.stringify(reportOf(outcomes)) : describeOutcomes(outcomes));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

void main();

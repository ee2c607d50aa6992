// What a model's state remembers: selective copying, induction heads, associative recall, a definition far above. See docs/recall.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { headerTokens } from '../model-runtime/generation/prompt';
import { prepareText } from '../model-runtime/generation/promptFormat';
import { createEngine } from '../model-runtime/engines/createEngine';
import { openModel } from '../model-runtime/model/loadModel';
import { parseEngine, parseWeights } from './eval/options';
import { codeOf, fillerOf } from './recall/filler';
import { drawTask } from './recall/plot';
import { describeCells, taskTitle } from './recall/report';
import { runTask, type Cell, type RecallText, type Task, type TaskName } from './recall/runTask';
import { findWords } from './recall/words';
import { wholeNumber } from './wholeNumber';

/** The repository, seen from `dist/scripts`. */
const ROOT = path.resolve(__dirname, '../..');
const SHIPPED_MODEL = path.join(ROOT, 'models/mamba-complete-1');
const TASKS: readonly TaskName[] = ['copying', 'induction', 'recall', 'definition'];

const USAGE = `usage: npm run eval:recall -- [--model FOLDER] [--engine auto|webgpu|cpu|onnx|reference] [--weights int8|int4] [--threads N] [--limit N] [--distances LIST] [--pairs LIST] [--tasks LIST] [--seed N] [--filler FOLDER] [--plots FOLDER] [--from FILE] [--json]

Asks a model for what stood in the text before: ${TASKS.join(', ')}; each, but the last, with random
tokens and as code. A table of the share of right answers by distance with its 95 % interval, beside chance.
--model is a model folder (docs/models.md), by default the shipped one. --limit is the number of trials (16); of distances above 1,024
tokens a quarter of it. --distances (16,64,256,1024,4096,16384) are in tokens; --pairs (4,16,64) is for recall. --seed (1) chooses the
trials. --filler is a folder of .ts files to take the code between from, by default this repository's runtime. --plots writes an SVG file
for each task. --from takes what an earlier --json printed instead of asking; it may be repeated.`;

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        model: { type: 'string', default: SHIPPED_MODEL },
        engine: { type: 'string', default: 'cpu' },
        weights: { type: 'string', default: 'int8' },
        threads: { type: 'string', default: '0' },
        limit: { type: 'string', default: '16' },
        distances: { type: 'string', default: '16,64,256,1024,4096,16384' },
        pairs: { type: 'string', default: '4,16,64' },
        tasks: { type: 'string', default: TASKS.join(',') },
        seed: { type: 'string', default: '1' },
        filler: { type: 'string', default: path.join(ROOT, 'model-runtime') },
        plots: { type: 'string' },
        from: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return;
    }
    const report = values.from.length === 0 ? await ask(values) : readReports(values.from);
    const names = TASKS.filter((name) => report.cells.some((cell) => cell.name === name));
    if (values.plots !== undefined) mkdirSync(values.plots, { recursive: true });
    for (const name of values.plots === undefined ? [] : names) {
      const file = path.join(values.plots ?? '', `recall-${name}.svg`);
      writeFileSync(file, drawTask(name, report.cells));
    }
    if (values.json) console.log(JSON.stringify(report));
    else console.log(`${report.model}, ${report.engine}\n\n${describeCells(report.cells)}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

interface Report {
  model: string;
  engine: string;
  seed: number;
  cells: Cell[];
}

interface Values {
  model: string;
  engine: string;
  weights: string;
  threads: string;
  limit: string;
  distances: string;
  pairs: string;
  tasks: string;
  seed: string;
  filler: string;
}

async function ask(values: Values): Promise<Report> {
  const distances = [...new Set(numbers('--distances', values.distances, 1))];
  distances.sort((a, b) => a - b);
  const tasks = tasksOf(values.tasks, numbers('--pairs', values.pairs, 1));
  const trials = wholeNumber('--limit', values.limit, 1);
  const seed = wholeNumber('--seed', values.seed, 0);
  const model = await openModel(values.model);
  const engine = await createEngine(
    {
      engine: parseEngine(values.engine),
      threads: wholeNumber('--threads', values.threads, 0),
      weights: parseWeights(values.weights),
      programFolder: path.join(ROOT, 'dist'),
    },
    model.loadWeights,
  );
  const { tokenizer, format } = prepareText(model);
  const words = findWords(tokenizer, engine.info.vocabSize);
  const filler = fillerOf(words, codeOf(values.filler, '.ts', tokenizer));
  const text: RecallText = { tokenizer, words, filler };
  const start = {
    tokens: [...format.start, ...tokenizer.encode('\n')],
    code: [...headerTokens('src/main.ts', tokenizer, format)],
  };
  const cells: Cell[] = [];
  const { name, device, weights } = engine.info;
  try {
    for (const task of tasks) {
      const startMs = performance.now();
      cells.push(...(await runTask(engine, task, text, { distances, trials, seed, start })));
      const seconds = (performance.now() - startMs) / 1000;
      console.error(`${taskTitle(task)}: ${seconds.toFixed(0)} s`);
    }
  } finally {
    await engine.dispose();
  }
  return { model: model.name, engine: `${name}, ${weights}, ${device}`, seed, cells };
}

function tasksOf(list: string, pairCounts: readonly number[]): Task[] {
  return list.split(',').flatMap((text): Task[] => {
    const name = TASKS.find((known) => known === text);
    if (name === undefined) throw new Error(`--tasks: ${text} is none of ${TASKS.join(', ')}.`);
    if (name === 'definition') return [{ name, form: 'code' }];
    const forms = ['tokens', 'code'] as const;
    if (name !== 'recall') return forms.map((form) => ({ name, form }));
    return forms.flatMap((form) => pairCounts.map((pairs) => ({ name, form, pairs })));
  });
}

/** What runs of this program over different tasks printed, as one. */
function readReports(files: readonly string[]): Report {
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
  const [first] = reports;
  if (!first) throw new Error('--from names no file.');
  return { ...first, cells: reports.flatMap(({ cells }) => cells) };
}

function numbers(option: string, list: string, least: number): number[] {
  return list.split(',').map((text) => wholeNumber(option, text, least));
}

void main();

// npm run bench: speed and memory of the engines beside llama.cpp with the same weights. See docs/benchmarks.md.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadModel, type LoadedModel } from '../model-runtime/model/loadModel';
import { codeTokens } from './codeTokens';
import { tokenTraffic } from './floor';
import { compareWithGolden, readGolden, type GoldenPrompt } from './golden';
import { ensureLlamaInstalled } from './installLlama';
import { measureInterleaved, startSubject, unlessFailed, type MeasuredSubject } from './measure';
import { parseOptions, USAGE, type BenchOptions } from './options';
import { planSubjects, type Places } from './plan';
import type { SubjectSpec } from './protocol';
import { bandwidthResult, buildReport, type FailedSubject } from './report';
import { SubjectProcess } from './subjectProcess';
import { formatReport } from './table';

// Bundled to dist/bench/main.js.
const REPOSITORY = resolve(__dirname, '..', '..');
const BENCH_FOLDER = join(REPOSITORY, 'bench');
const WORKER_FILE = join(__dirname, 'worker.js');
const SHIPPED_MODEL = join(REPOSITORY, 'models', 'mamba-complete-1');
const GOLDEN_FILE = join(REPOSITORY, 'test', 'fixtures', 'golden.json');

void main();

async function main(): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) console.log(USAGE);
    else process.exitCode = await run(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}

/** Progress goes to standard error: standard output may be JSON. */
function say(line: string): void {
  console.error(line);
}

/** Returns the exit code: 1 when an engine could not be measured to the end. */
async function run(options: BenchOptions): Promise<number> {
  const places: Places = {
    modelFolder: options.modelFolder ?? SHIPPED_MODEL,
    benchFolder: BENCH_FOLDER,
    cacheFolder: join(BENCH_FOLDER, '.cache'),
  };
  const model = await loadModel(places.modelFolder);
  const wantsLlama = options.engines.some(({ engine }) => engine === 'llama.cpp');
  const hasLlama = wantsLlama && (await ensureLlamaInstalled(BENCH_FOLDER, say));
  const engines = options.engines.filter(({ engine }) => engine !== 'llama.cpp' || hasLlama);
  // In f32 llama.cpp tells wrong weights from coarse arithmetic; that is not a speed to compare with.
  const isInt4Measured = options.engines.some(({ weights }) => weights === 'int4');
  const llamaWeights = options.verify
    ? (['F32', 'Q8_0'] as const)
    : isInt4Measured
      ? (['Q8_0', 'Q4_0'] as const)
      : (['Q8_0'] as const);
  const threads = options.verify ? options.threads.slice(0, 1) : options.threads;
  const specs = await planSubjects(engines, threads, llamaWeights, model, places);
  const { subjects, failures } = await startAll(specs);
  try {
    await compareAll(subjects, await goldenPrompts(places.modelFolder, options.verify));
    const memory = options.verify ? [] : await measureAll(subjects, options, model);
    const report = buildReport({ subjects, failures, memory, model, options });
    console.log(options.json ? JSON.stringify(report, undefined, 2) : formatReport(report));
    return report.failures.length === 0 ? 0 : 1;
  } finally {
    for (const subject of subjects) subject.process.dispose();
  }
}

/** One after another, so that load times are not measured against each other. */
async function startAll(
  specs: readonly SubjectSpec[],
): Promise<{ subjects: MeasuredSubject[]; failures: FailedSubject[] }> {
  const subjects: MeasuredSubject[] = [];
  const failures: FailedSubject[] = [];
  for (const spec of specs) {
    say(`loading ${spec.engine} (${spec.weights}), threads: ${spec.threads}`);
    try {
      subjects.push(await startSubject(spec, WORKER_FILE));
    } catch (error) {
      const { engine, weights, threads } = spec;
      const message = error instanceof Error ? error.message : String(error);
      failures.push({ engine, weights, threads, message });
    }
  }
  return { subjects, failures };
}

/** The golden file belongs to the shipped model. One prompt shows that the same model runs; all take their time. */
async function goldenPrompts(modelFolder: string, wantsAll: boolean): Promise<GoldenPrompt[]> {
  if (modelFolder !== SHIPPED_MODEL || !existsSync(GOLDEN_FILE)) return [];
  const prompts = await readGolden(GOLDEN_FILE);
  if (wantsAll) return prompts;
  return prompts.sort((a, b) => b.greedy.length - a.greedy.length).slice(0, 1);
}

async function compareAll(
  subjects: readonly MeasuredSubject[],
  prompts: readonly GoldenPrompt[],
): Promise<void> {
  if (prompts.length === 0) return;
  say('comparing with the golden file');
  for (const subject of subjects) {
    await unlessFailed(subject, async () => {
      subject.golden = await compareWithGolden(subject.process, prompts);
    });
  }
}

/** Fills in the subjects' times and returns the memory bandwidth by number of threads. */
async function measureAll(
  subjects: readonly MeasuredSubject[],
  options: BenchOptions,
  model: LoadedModel,
): Promise<ReturnType<typeof bandwidthResult>[]> {
  const reader = new SubjectProcess(WORKER_FILE);
  const bandwidths = options.threads.map((threads) => ({ threads, rates: [] as number[] }));
  const readMemory = async () => {
    for (const { threads, rates } of bandwidths) {
      const { bytesPerSecond } = await reader.request({ kind: 'bandwidth', threads }, 'bandwidth');
      rates.push(bytesPerSecond);
    }
  };
  try {
    const code = await codeTokens(REPOSITORY, model);
    await measureInterleaved(subjects, code, options, readMemory, say);
  } finally {
    reader.dispose();
  }
  const traffic = tokenTraffic(model.weights);
  return bandwidths.map(({ threads, rates }) => bandwidthResult(threads, rates, traffic));
}

// npm run bench:long: what a token costs after 2 k to 256 k tokens of text, Mamba beside a transformer. See docs/long-documents.md.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { createRandom, randomTokens } from '../../test/support/random';
import { ensureLlamaInstalled } from '../installLlama';
import type { SubjectSpec } from '../protocol';
import { measureLong, type LongReading } from './measureLong';
import { modelFiles, type ModelFiles } from './models';
import { drawTimes } from './plot';
import { mergeResults, resultSchema, type LongResult } from './results';
import { parseSubject, subjectName, USUAL_SUBJECTS, type LongSubject } from './subjects';
import { describeResults } from './table';
import { wholeNumber } from '../../scripts/wholeNumber';

// Bundled to dist/bench/long.js.
const REPOSITORY = resolve(__dirname, '..', '..');
const BENCH_FOLDER = join(REPOSITORY, 'bench');
const WORKER_FILE = join(__dirname, 'worker.js');
const TOKENIZER_FILE = join(REPOSITORY, 'models', 'mamba-complete-1', 'tokenizer.json');
const SEED = 20261125;
const VOCABULARY = 16384;
/** Beyond the longest text: llama.cpp takes no last token. */
const SPARE_TOKENS = 64;

const METHOD = `Method
- Random weights of the shipped model's width (640, 24 layers); Mamba-1 and Mamba-2 with the same state for each channel; a transformer
  (llama: 12 layers, 10 heads, 2 of keys and values, f16 cache, flash attention) of as many parameters as Mamba-2. int8 or Q8_0.
- One text of random tokens, the same for all, read once by a process for each subject, the state carried from its start to its end. Reading: the
  median of the last eight windows of 512 tokens before a length (fastest in brackets); decoding: of 32 tokens read one by one at it.
- A transformer gets a process for each length, with a cache of that size. What was not reached in time is computed from the straight
  line through its windows, since attention adds the same work with every token; it is marked with *.
- Resident: the whole process at that length, Node included. State: of the recurrence, or keys and values.`;

const USAGE = `Measures the time of a token and memory in long texts.

npm run bench:long -- [options]
  --lengths LIST    tokens, default 2048,16384,65536,262144
  --subjects LIST   engine:model, default ${USUAL_SUBJECTS.join(',')};
                    webgpu:mamba1 and webgpu:mamba2 on a machine with a GPU
  --state N         numbers of state for each channel of both Mambas, default 128
  --threads N       default 2
  --minutes N       a subject is given up after that, default 10
  --note TEXT       what else runs on the machine; kept with the results
  --from FILE       take results of an earlier --json along; may be repeated, later ones replace earlier ones
  --plot FILE       write the times as SVG
  --json            one JSON object on standard output
  --help

${METHOD}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lengths: { type: 'string', default: '2048,16384,65536,262144' },
      subjects: { type: 'string', default: USUAL_SUBJECTS.join(',') },
      state: { type: 'string', default: '128' },
      threads: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '10' },
      note: { type: 'string', default: '' },
      from: { type: 'string', multiple: true, default: [] },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const settings: Settings = {
    lengths: values.lengths
      .split(',')
      .map((text) => wholeNumber('--lengths', text, 1024))
      .sort((a, b) => a - b),
    dState: wholeNumber('--state', values.state, 4),
    threads: wholeNumber('--threads', values.threads, 1),
    mostMs: wholeNumber('--minutes', values.minutes, 1) * 60_000,
    note: values.note,
  };
  const subjects = values.subjects === '' ? [] : values.subjects.split(',').map(parseSubject);
  const results = await earlierResults(values.from);
  for (const subject of subjects) {
    const result = await measure(subject, settings);
    if (result) results.push(result);
  }
  const merged = mergeResults(results);
  if (values.plot !== undefined) await writeFile(values.plot, drawTimes(merged));
  if (values.json) console.log(JSON.stringify({ method: METHOD, results: merged }, undefined, 1));
  else console.log(`${describeResults(merged)}\n\n${METHOD}`);
}

interface Settings {
  lengths: number[];
  dState: number;
  threads: number;
  mostMs: number;
  note: string;
}

async function earlierResults(files: readonly string[]): Promise<LongResult[]> {
  const results: LongResult[] = [];
  for (const file of files) {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    results.push(...v.parse(v.object({ results: v.array(resultSchema) }), parsed).results);
  }
  return results;
}

/** Undefined where llama.cpp is not to be had. */
async function measure(subject: LongSubject, settings: Settings): Promise<LongResult | undefined> {
  const name = subjectName(subject);
  const isLlama = subject.engine === 'llama.cpp';
  if (isLlama && !(await ensureLlamaInstalled(BENCH_FOLDER, say))) return undefined;
  const cache = join(BENCH_FOLDER, '.cache');
  const files = await modelFiles(subject.model, settings.dState, cache, TOKENIZER_FILE);
  say(`${name}: ${(files.parameters / 1e6).toFixed(1)} M parameters`);
  const reading = await readLengths(subject, files, settings);
  const { threads, note } = settings;
  const { parameters, stateBytes, bytesPerToken } = files;
  return {
    subject: name,
    threads,
    parameters,
    stateBytes,
    bytesPerToken,
    ...reading,
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`,
    date: new Date().toISOString().slice(0, 10),
    note,
  };
}

async function readLengths(
  { engine, model }: LongSubject,
  files: ModelFiles,
  { lengths, threads, mostMs }: Settings,
): Promise<LongReading> {
  const modelPath = engine === 'llama.cpp' ? await files.gguf() : files.folder;
  if (modelPath === undefined) throw new Error(`${engine} cannot run a ${model}`);
  const read = (some: readonly number[]) => {
    const spec: SubjectSpec = {
      engine,
      weights: engine === 'llama.cpp' ? 'Q8_0' : 'int8',
      threads,
      modelPath,
      benchFolder: BENCH_FOLDER,
      contextTokens: (some.at(-1) ?? 0) + SPARE_TOKENS,
    };
    const random = createRandom(SEED);
    return measureLong(spec, {
      lengths: some,
      mostMs,
      workerFile: WORKER_FILE,
      nextTokens: (count) => [...randomTokens(random, count, VOCABULARY)],
      say,
    });
  };
  if (files.bytesPerToken === 0) return read(lengths);
  const all: LongReading = { lengths: [], prefillSamples: [], decodeSamples: [] };
  for (const length of lengths) {
    const { gaveUpAt, ...reading } = await read([length]);
    all.lengths.push(...reading.lengths);
    all.prefillSamples.push(...reading.prefillSamples);
    all.decodeSamples.push(...reading.decodeSamples);
    if (gaveUpAt !== undefined) return { ...all, gaveUpAt };
  }
  return all;
}

/** Progress goes to standard error: standard output may be JSON. */
function say(line: string): void {
  console.error(line);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

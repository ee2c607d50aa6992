// What each way of running the model costs in quality: mean log-likelihood of completion tasks, the same tokens for all.
// usage: npm run quality -- TASKS.jsonl [--tasks N] [--engines onnx:f32,cpu:int8,cpu:int4] [--characters N] [--json]
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { createCpuEngine } from '../model-runtime/engines/cpu/cpuEngine';
import type { Engine } from '../model-runtime/engines/engine';
import { createOnnxEngine } from '../model-runtime/engines/onnx/onnxEngine';
import { freshPrompt } from '../model-runtime/generation/freshPrompt';
import { prepareText } from '../model-runtime/generation/promptFormat';
import { loadModel, type LoadedModel } from '../model-runtime/model/loadModel';
import { argmax, logProbabilityOf } from '../model-runtime/sampling/sample';

const ROOT = path.resolve(__dirname, '../..');
const taskSchema = v.object({
  path: v.string(),
  prefix: v.string(),
  suffix: v.string(),
  middle: v.string(),
});

/** A prompt and what follows it, as ids. */
interface Sequence {
  tokens: Int32Array;
  /** Where the middle begins. */
  middleStart: number;
}

interface Score {
  tokens: number;
  /** Mean over the tokens of the natural logarithm of their probability. */
  meanLogLikelihood: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tasks: { type: 'string', default: '100' },
      engines: { type: 'string', default: 'onnx:f32,cpu:int8,cpu:int4' },
      characters: { type: 'string', default: '1200' },
      json: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (file === undefined) throw new Error('Name a file of tasks, one JSON object a line.');
  const model = await loadModel(path.join(ROOT, 'models/mamba-complete-1'));
  const sequences = readTasks(file, Number(values.tasks), Number(values.characters), model);
  const results: Record<string, { all: Score; middle: Score; seconds: number }> = {};
  for (const name of values.engines.split(',')) {
    const engine = await createEngine(name, model);
    const start = performance.now();
    const scores = await score(engine, sequences);
    results[name] = { ...scores, seconds: (performance.now() - start) / 1000 };
    await engine.dispose();
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
  else report(results);
}

function report(results: Record<string, { all: Score; middle: Score; seconds: number }>): void {
  const [first] = Object.values(results);
  for (const [name, { all, middle, seconds }] of Object.entries(results)) {
    const lost = (score: Score, base: Score | undefined) =>
      base ? `${(100 * (score.meanLogLikelihood / base.meanLogLikelihood - 1)).toFixed(2)} %` : '';
    console.log(
      `${name}: all ${all.tokens} tokens ${all.meanLogLikelihood.toFixed(5)} (${lost(all, first?.all)} lost), ` +
        `the ${middle.tokens} to be completed ${middle.meanLogLikelihood.toFixed(5)} (${lost(middle, first?.middle)} lost); ${seconds.toFixed(0)} s`,
    );
  }
}

/** Tasks spread evenly over the file, with the prompt that the runtime would make. */
function readTasks(
  file: string,
  count: number,
  characters: number,
  model: LoadedModel,
): Sequence[] {
  const { tokenizer, format } = prepareText(model);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const chosen = lines.filter((_, i) => i % Math.max(1, Math.floor(lines.length / count)) === 0);
  return chosen.slice(0, count).map((line) => {
    const task = v.parse(taskSchema, JSON.parse(line));
    const prompt = freshPrompt(task, characters, tokenizer, format);
    const tokens = Int32Array.of(...prompt, ...tokenizer.encode(task.middle));
    return { tokens, middleStart: prompt.length };
  });
}

function createEngine(name: string, { weights }: LoadedModel): Promise<Engine> {
  const [engine, choice] = name.split(':');
  const programFolder = path.join(ROOT, 'dist');
  if (engine === 'cpu' && (choice === 'int8' || choice === 'int4')) {
    return createCpuEngine(weights, { threads: 0, weights: choice, programFolder });
  }
  if (engine === 'onnx' && (choice === 'f32' || choice === 'int8')) {
    return createOnnxEngine(weights, { threads: 2, arithmetic: choice });
  }
  throw new Error(`${name} is none of cpu:int8, cpu:int4, onnx:f32 and onnx:int8.`);
}

async function score(
  engine: Engine,
  sequences: readonly Sequence[],
): Promise<{ all: Score; middle: Score }> {
  const { maxChunkTokens, vocabSize } = engine.info;
  const sums = { all: 0, middle: 0 };
  const counts = { all: 0, middle: 0 };
  const state = engine.createState();
  for (const { tokens, middleStart } of sequences) {
    state.reset();
    for (let start = 0; start + 1 < tokens.length; start += maxChunkTokens) {
      const chunk = tokens.subarray(start, Math.min(start + maxChunkTokens, tokens.length - 1));
      const logits = await engine.prefill(chunk, state, { rows: 'all' });
      for (let row = 0; row < chunk.length; row++) {
        const at = start + row + 1;
        const token = tokens[at] ?? 0;
        const rowLogits = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
        const largest = rowLogits[argmax(rowLogits)] ?? NaN;
        const logProbability = logProbabilityOf(token, rowLogits, largest);
        sums.all += logProbability;
        counts.all += 1;
        if (at < middleStart) continue;
        sums.middle += logProbability;
        counts.middle += 1;
      }
    }
  }
  state.dispose();
  return {
    all: { tokens: counts.all, meanLogLikelihood: sums.all / counts.all },
    middle: { tokens: counts.middle, meanLogLikelihood: sums.middle / counts.middle },
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

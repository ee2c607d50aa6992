// Keeps what the model alone says at every task's cursor, so that the rules of the product can be measured again in
// seconds (npm run eval -- --replay FILE). Goes on where an interrupted recording ended.
// usage: npm run record -- --tasks FILE --out FILE [--limit N] [--threads N] [--characters N]
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { settingsTable } from '../extension/settings/table';
import { createCpuEngine } from '../model-runtime/engines/cpu/cpuEngine';
import type { Engine, RecurrentState } from '../model-runtime/engines/engine';
import { freshPrompt } from '../model-runtime/generation/freshPrompt';
import { prepareText, type PromptFormat } from '../model-runtime/generation/promptFormat';
import { generate } from '../model-runtime/generation/generate';
import { loadModel } from '../model-runtime/model/loadModel';
import type { ModelTokenizer } from '../model-runtime/tokenizer/modelTokenizer';
import { readGenerations, taskKey, type Generation } from './eval/generations';
import { readTasks, spread, type Task } from './eval/tasks';

const ROOT = path.resolve(__dirname, '../..');
const MOST_TOKENS = 64;
/** Filled lines that are kept of a task that asks for the rest of a line, and of one that asks for a block. */
const LINES = { line: 2, block: 6 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: 'string' },
      out: { type: 'string' },
      limit: { type: 'string', default: '100000' },
      threads: { type: 'string', default: '0' },
      characters: { type: 'string', default: String(settingsTable.contextCharacters.default) },
    },
  });
  const { tasks: tasksFile, out } = values;
  if (tasksFile === undefined || out === undefined) throw new Error('Name --tasks and --out.');
  const done = existsSync(out) ? readGenerations(out) : new Map<string, Generation>();
  const tasks = interleaved(spread(readTasks(tasksFile), Number(values.limit)));
  const model = await loadModel(path.join(ROOT, 'models/mamba-complete-1'));
  const engine = await createCpuEngine(model.weights, {
    threads: Number(values.threads),
    weights: 'int8',
    programFolder: path.join(ROOT, 'dist'),
  });
  const { tokenizer, format } = prepareText(model);
  const state = engine.createState();
  for (const [index, task] of tasks.entries()) {
    const key = taskKey(task);
    if (done.has(key)) continue;
    const prompt = freshPrompt(task, Number(values.characters), tokenizer, format);
    const generation = await record(task, prompt, engine, state, tokenizer, format);
    appendFileSync(out, `${JSON.stringify({ key, ...generation })}\n`);
    if (index % 25 === 0) console.error(`${index} of ${tasks.length}`);
  }
  await engine.dispose();
}

/** In an order in which the first ones of an interrupted recording are a fair sample. */
function interleaved(tasks: readonly Task[]): Task[] {
  const step = 17;
  return Array.from({ length: step }, (_, first) =>
    tasks.filter((_, i) => i % step === first),
  ).flat();
}

async function record(
  task: Task,
  prompt: Int32Array,
  engine: Engine,
  state: RecurrentState,
  tokenizer: ModelTokenizer,
  format: PromptFormat,
): Promise<Omit<Generation, 'key'>> {
  const start = performance.now();
  state.reset();
  let logits: Float32Array = new Float32Array();
  for (let at = 0; at < prompt.length; at += engine.info.maxChunkTokens) {
    logits = await engine.prefill(prompt.subarray(at, at + engine.info.maxChunkTokens), state);
  }
  const generated = await generate(
    engine,
    tokenizer,
    state,
    logits,
    {
      maxTokens: MOST_TOKENS,
      prompt,
      isStop: format.isStop,
      sampling: { temperature: 0, topP: 1, random: Math.random },
      stopRule: (text) => {
        const complete = text.split('\n').slice(0, -1);
        const filled = complete.filter((line) => line.trim() !== '').length;
        return filled >= LINES[task.kind] || complete.length > filled + 3
          ? { reason: 'endOfBlock', text }
          : undefined;
      },
    },
    new AbortController().signal,
  );
  const { text, tokenProbabilities, stopReason } = generated;
  const ended = stopReason === 'specialToken' || stopReason === 'maxTokens' ? stopReason : 'lines';
  return { text, tokens: tokenProbabilities, ended, totalMs: performance.now() - start };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

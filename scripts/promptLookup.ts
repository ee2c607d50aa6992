// How much guessing from the document (prompt lookup) helps: tokens per pass over the weights, and time, on completion tasks.
// usage: npm run lookup -- TASKS.jsonl [--tasks N] [--tokens N] [--weights int8|int4] [--threads N]
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { createCpuEngine, type CpuEngine } from '../model-runtime/engines/cpu/cpuEngine';
import type { RecurrentState } from '../model-runtime/engines/engine';
import { generate, type Generated } from '../model-runtime/generation/generate';
import { freshPrompt } from '../model-runtime/generation/freshPrompt';
import { prepareText } from '../model-runtime/generation/promptFormat';
import { loadModel } from '../model-runtime/model/loadModel';

const ROOT = path.resolve(__dirname, '../..');
const PROMPT_CHARACTERS = 6000;
const taskSchema = v.object({ path: v.string(), prefix: v.string(), suffix: v.string() });

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tasks: { type: 'string', default: '40' },
      tokens: { type: 'string', default: '48' },
      weights: { type: 'string', default: 'int8' },
      threads: { type: 'string', default: '1' },
    },
  });
  const [file] = positionals;
  if (file === undefined) throw new Error('Name a file of tasks, one JSON object a line.');
  const model = await loadModel(path.join(ROOT, 'models/mamba-complete-1'));
  const { tokenizer, format } = prepareText(model);
  const engine = await createCpuEngine(model.weights, {
    threads: Number(values.threads),
    weights: values.weights === 'int4' ? 'int4' : 'int8',
    programFolder: path.join(ROOT, 'dist'),
  });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const step = Math.max(1, Math.floor(lines.length / Number(values.tasks)));
  const totals = { tokens: 0, passes: 0, plainMs: 0, lookupMs: 0, different: 0 };
  for (let i = 0; i < lines.length; i += step) {
    const task = v.parse(taskSchema, JSON.parse(lines[i] ?? ''));
    const tokens = freshPrompt(task, PROMPT_CHARACTERS, tokenizer, format);
    const state = engine.createState();
    const logits = await readPrompt(engine, state, tokens);
    const before = state.snapshot();
    const run = async (prompt: Int32Array | undefined): Promise<[Generated, number]> => {
      state.restore(before);
      const start = performance.now();
      const options = {
        maxTokens: Number(values.tokens),
        isStop: format.isStop,
        sampling: { temperature: 0, topP: 1, random: Math.random },
        stopRule: () => undefined,
        ...(prompt ? { prompt } : {}),
      };
      const signal = new AbortController().signal;
      const made = await generate(engine, tokenizer, state, logits, options, signal);
      return [made, performance.now() - start];
    };
    const [plain, plainMs] = await run(undefined);
    const [guessed, lookupMs] = await run(tokens);
    before.dispose();
    state.dispose();
    totals.tokens += guessed.tokens.length;
    totals.passes += guessed.passes;
    totals.plainMs += plainMs;
    totals.lookupMs += lookupMs;
    if (plain.text !== guessed.text) totals.different += 1;
  }
  await engine.dispose();
  console.log(
    `${totals.tokens} tokens, ${(totals.tokens / totals.passes).toFixed(2)} a pass; ` +
      `${(totals.plainMs / totals.tokens).toFixed(2)} ms a token without, ${(totals.lookupMs / totals.tokens).toFixed(2)} with: ` +
      `${(totals.plainMs / totals.lookupMs).toFixed(2)} times as fast; ${totals.different} texts differ`,
  );
}

async function readPrompt(
  engine: CpuEngine,
  state: RecurrentState,
  tokens: Int32Array,
): Promise<Float32Array> {
  let logits: Float32Array = new Float32Array();
  for (let start = 0; start < tokens.length; start += engine.info.maxChunkTokens) {
    logits = await engine.prefill(
      tokens.subarray(start, start + engine.info.maxChunkTokens),
      state,
    );
  }
  return logits;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

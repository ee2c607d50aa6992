import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { argmax } from '../support/golden';
import { MODEL_FOLDER, SPECIAL_TOKENS, shippedTokenizer } from '../support/model';
import { repositoryRoot } from '../support/repositoryRoot';

/** The gate takes some of them; all 200 (docs/cpu-engine.md) take some ten minutes. */
const PROMPTS = Number(process.env.GREEDY_PROMPTS ?? 16);
const PROMPT_TOKENS = 12;
const GENERATED_TOKENS = 8;
/** Two logits closer than this, relatively, may change places. */
const TIE = 1e-3;
/** The reference engine takes 0.1 s a token and more on a busy machine. */
const VERY_SLOW_TEST_MS = 2_400_000;

/** Pieces of the excerpts in test/fixtures/code, spread evenly, each begun as a file. */
function codePrompts(): Int32Array[] {
  const folder = path.join(repositoryRoot(), 'test/fixtures/code');
  const tokenizer = shippedTokenizer();
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  const code = files.flatMap((file) => [
    ...tokenizer.encode(readFileSync(path.join(folder, file), 'utf8')),
  ]);
  const step = Math.floor((code.length - PROMPT_TOKENS) / PROMPTS);
  return Array.from({ length: PROMPTS }, (_, i) =>
    Int32Array.of(
      SPECIAL_TOKENS.fileSeparator,
      ...code.slice(i * step, i * step + PROMPT_TOKENS - 1),
    ),
  );
}

async function greedy(engine: Engine, prompt: Int32Array): Promise<number[]> {
  const state = engine.createState();
  const tokens = [argmax(await engine.prefill(prompt, state))];
  while (tokens.length < GENERATED_TOKENS) {
    tokens.push(argmax(await engine.decode(tokens[tokens.length - 1], state)));
  }
  state.dispose();
  return tokens;
}

/** Whether `token` is the reference's choice, or as good as it. */
function isChoice(logits: Float32Array, token: number): 'same' | 'tie' | 'other' {
  const best = argmax(logits);
  if (token === best) return 'same';
  return logits[best] - logits[token] <= TIE * Math.abs(logits[best]) ? 'tie' : 'other';
}

it(
  'writes what the reference engine writes after prompts of real code, but for near ties',
  async () => {
    const { weights } = await loadModel(MODEL_FOLDER);
    const engine = await createCpuEngine(weights, { threads: 2, programFolder: PROGRAM_FOLDER });
    const { vocabSize } = engine.info;
    const reference = createReferenceEngine(weights);
    const counts = { same: 0, tie: 0, other: 0 };
    for (const prompt of codePrompts()) {
      const written = await greedy(engine, prompt);
      // Reading what was written gives the reference's choice at every place, in one pass over its weights.
      const read = Int32Array.of(...prompt, ...written.slice(0, -1));
      const state = reference.createState();
      const rows = await reference.prefill(read, state, { rows: 'all' });
      state.dispose();
      written.forEach((token, i) => {
        const row = PROMPT_TOKENS - 1 + i;
        counts[isChoice(rows.subarray(row * vocabSize, (row + 1) * vocabSize), token)] += 1;
      });
    }
    await engine.dispose();
    console.log(`choices of the cpu engine against the reference: ${JSON.stringify(counts)}`);
    expect(counts.other).toBe(0);
    expect(counts.same + counts.tie).toBe(PROMPTS * GENERATED_TOKENS);
  },
  VERY_SLOW_TEST_MS,
);

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Engine } from '../../model-runtime/engines/engine';
import { createOnnxEngine } from '../../model-runtime/engines/onnx/onnxEngine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import { MODEL_FOLDER, shippedTokenizer, SPECIAL_TOKENS } from '../support/model';
import { repositoryRoot } from '../support/repositoryRoot';

const POSITIONS = 2000;
const SMALLEST_AGREEMENT = 0.98;
/** The reference engine takes 0.1 s a token and more on a busy machine. */
const VERY_SLOW_TEST_MS = 1_200_000;

/** The prompts of every excerpt in test/fixtures/code, as ids. */
function realCode(): Int32Array[] {
  const folder = path.join(repositoryRoot(), 'test/fixtures/code');
  const tokenizer = shippedTokenizer();
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const prompt = `src/${file.slice(0, -'.txt'.length)}\n${text}`;
      return Int32Array.of(SPECIAL_TOKENS.fileSeparator, ...tokenizer.encode(prompt));
    });
}

/** The likeliest next token after each position of each document. */
async function predictions(engine: Engine, documents: Int32Array[]): Promise<number[]> {
  const { vocabSize, maxChunkTokens } = engine.info;
  const best: number[] = [];
  for (const tokens of documents) {
    const state = engine.createState();
    for (let start = 0; start < tokens.length; start += maxChunkTokens) {
      const chunk = tokens.subarray(start, start + maxChunkTokens);
      const logits = await engine.prefill(chunk, state, { rows: 'all' });
      for (let row = 0; row < chunk.length; row++) {
        best.push(argmax(logits.subarray(row * vocabSize, (row + 1) * vocabSize)));
      }
    }
    state.dispose();
  }
  return best;
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

function agreement(actual: number[], expected: number[]): number {
  return expected.filter((token, i) => actual[i] === token).length / expected.length;
}

it(
  'predicts the token of the reference engine at 98 % of 2,000 positions of real code, in f32 and in int8',
  async () => {
    const { weights } = await loadModel(MODEL_FOLDER);
    const documents = realCode();
    const f32 = await createOnnxEngine(weights, { threads: 1, arithmetic: 'f32' });
    const inF32 = await predictions(f32, documents);
    await f32.dispose();
    const int8 = await createOnnxEngine(weights, { threads: 1, arithmetic: 'int8' });
    const inInt8 = await predictions(int8, documents);
    await int8.dispose();
    const expected = await predictions(createReferenceEngine(weights), documents);

    expect(expected.length).toBeGreaterThanOrEqual(POSITIONS);
    const shares = { f32: agreement(inF32, expected), int8: agreement(inInt8, expected) };
    console.log(`agreement at ${expected.length} positions: ${JSON.stringify(shares)}`);
    expect(shares.f32).toBeGreaterThanOrEqual(SMALLEST_AGREEMENT);
    expect(shares.int8).toBeGreaterThanOrEqual(SMALLEST_AGREEMENT);
  },
  VERY_SLOW_TEST_MS,
);

import { expect } from 'vitest';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { norm, relativeL2 } from './compare';
import { argmax, logProbability, type GoldenPrompt } from './golden';

/** Of norms, and of mean log-likelihoods. */
const LIMIT = 1e-3;

/** Reads `ids` in chunks; returns every position's logits. */
export async function readAll(engine: Engine, ids: number[], state: RecurrentState) {
  const rows: Float32Array[] = [];
  const { maxChunkTokens, vocabSize } = engine.info;
  for (let start = 0; start < ids.length; start += maxChunkTokens) {
    const chunk = Int32Array.from(ids.slice(start, start + maxChunkTokens));
    const logits = await engine.prefill(chunk, state, { rows: 'all' });
    for (let row = 0; row < chunk.length; row++) {
      rows.push(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
    }
  }
  return rows;
}

/** The engine, with the shipped weights, gives the logits, the states and the greedy tokens that an independent float64 program gave. */
export async function expectGolden(
  engine: Engine,
  prompt: GoldenPrompt,
  limits: { logits: number; states: number },
): Promise<void> {
  const state = engine.createState();
  const rows = await readAll(engine, prompt.ids, state);

  const last = rows[rows.length - 1];
  const top = prompt.top.map(([id]) => last[id]);
  const expectedTop = prompt.top.map(([, logit]) => logit);
  expect(relativeL2(top, expectedTop)).toBeLessThan(limits.logits);
  const likelihoods = prompt.ids.slice(1).map((id, i) => logProbability(rows[i], id));
  const mean = likelihoods.reduce((sum, x) => sum + x, 0) / likelihoods.length;
  expect(Math.abs(mean - prompt.meanLogLikelihood)).toBeLessThan(LIMIT);

  for (const [layer, expected] of prompt.states.entries()) {
    const { conv, ssm } = await state.exportLayer(layer);
    const first = (values: Float32Array) => values.subarray(0, expected.conv.length);
    expect(relativeL2(first(conv), expected.conv), `conv ${layer}`).toBeLessThan(limits.states);
    expect(relativeL2(first(ssm), expected.ssm), `ssm ${layer}`).toBeLessThan(limits.states);
    expect(Math.abs(norm(conv) / expected.convNorm - 1)).toBeLessThan(LIMIT);
    expect(Math.abs(norm(ssm) / expected.ssmNorm - 1)).toBeLessThan(LIMIT);
  }

  // Each token is the best one after those before it, so greedy decoding gives the whole text. Read as a chunk:
  // f32 decoding unpacks all weights for each token.
  const continued = await readAll(engine, prompt.greedy.slice(0, -1), state);
  expect([last, ...continued].map(argmax)).toEqual(prompt.greedy);
  state.dispose();
}

import { describe, expect, test } from 'vitest';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import { norm } from '../support/compare';
import { argmax, goldenPrompts, logProbability } from '../support/golden';
import { MODEL_FOLDER, shippedTokenizer } from '../support/model';

const TOLERANCE = 1e-5;
/** The fixture's numbers are rounded to this many decimals. */
const DECIMALS = { top: 6, conv: 7, ssm: 9 };

describe('the reference engine gives what an independent float64 program gives', async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  const engine = createReferenceEngine(weights);
  const { vocabSize, nLayer } = weights.config;

  test.each(goldenPrompts().map((prompt, i) => ({ number: i + 1, ...prompt })))(
    'for prompt $number: likelihoods, best logits, states, greedy text',
    async ({ ids, top, meanLogLikelihood, states, greedy, text }) => {
      const state = engine.createState();
      let logLikelihood = 0;
      let logits = new Float32Array();
      for (let start = 0; start < ids.length; start += engine.info.maxChunkTokens) {
        const chunk = Int32Array.from(ids.slice(start, start + engine.info.maxChunkTokens));
        const rows = await engine.prefill(chunk, state, { rows: 'all' });
        for (let l = 0; l < chunk.length; l++) {
          logits = rows.slice(l * vocabSize, (l + 1) * vocabSize);
          const next = ids.at(start + l + 1);
          if (next !== undefined) logLikelihood += logProbability(logits, next);
        }
      }
      expectClose(logLikelihood / (ids.length - 1), meanLogLikelihood);

      const best = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, top.length);
      expect(best).toEqual(top.map(([id]) => id));
      for (const [id, logit] of top) expectClose(logits[id], logit, DECIMALS.top);

      expect(states).toHaveLength(nLayer);
      for (const [layer, golden] of states.entries()) {
        const { conv, ssm } = await state.exportLayer(layer);
        golden.conv.forEach((value, i) => expectClose(conv[i], value, DECIMALS.conv));
        golden.ssm.forEach((value, i) => expectClose(ssm[i], value, DECIMALS.ssm));
        expectClose(norm(conv), golden.convNorm);
        expectClose(norm(ssm), golden.ssmNorm);
      }

      const continued: number[] = [];
      while (continued.length < greedy.length) {
        continued.push(argmax(logits));
        logits = Float32Array.from(await engine.decode(continued[continued.length - 1], state));
      }
      expect(continued).toEqual(greedy);
      const tokenizer = shippedTokenizer();
      expect(tokenizer.decode(continued.filter((id) => id >= 16))).toBe(text);
    },
    600_000,
  );
});

function expectClose(actual: number, expected: number, decimals = 12): void {
  const allowed = TOLERANCE * Math.abs(expected) + 0.5 * 10 ** -decimals;
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(allowed);
}

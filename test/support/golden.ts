import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const numbers = v.array(v.number());
const goldenSchema = v.object({
  prompts: v.array(
    v.object({
      ids: numbers,
      /** The 16 best next tokens with their logits, best first. */
      top: v.array(v.tuple([v.number(), v.number()])),
      /** Mean over ids[1..] of the natural-log probability given the ids before. */
      meanLogLikelihood: v.number(),
      /** Per layer, after the whole prompt: the first numbers and the norms of both states. */
      states: v.array(
        v.object({ conv: numbers, convNorm: v.number(), ssm: numbers, ssmNorm: v.number() }),
      ),
      /** Greedy continuation; it ends with a special token, which `text` leaves out, or after 24 tokens. */
      greedy: numbers,
      text: v.string(),
    }),
  ),
});

export type GoldenPrompt = v.InferOutput<typeof goldenSchema>['prompts'][number];

/** What an independent float64 program computed from the shipped weights. */
export function goldenPrompts(): GoldenPrompt[] {
  const file = path.join(__dirname, '../fixtures/golden.json');
  return v.parse(goldenSchema, JSON.parse(readFileSync(file, 'utf8'))).prompts;
}

/** Natural-log probability of `token` under a row of logits. */
export function logProbability(logits: Float32Array, token: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return logits[token] - largest - Math.log(sum);
}

export function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, i) => (logit > logits[best] ? i : best), 0);
}

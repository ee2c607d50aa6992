import { argmax, logProbabilityOf, type SampledToken } from './sample';

/** The `count` likeliest tokens of logits `[V]`, likeliest first; ties go to the lower id. For few: each costs a pass over `V`. */
export function likeliest(logits: Float32Array, count: number): SampledToken[] {
  const left = Float32Array.from(logits);
  const max = logits[argmax(logits)];
  return Array.from({ length: Math.min(count, logits.length) }, () => {
    const token = argmax(left);
    left[token] = -Infinity;
    return { token, logProbability: logProbabilityOf(token, logits, max) };
  });
}

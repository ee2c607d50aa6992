import type { Numbers } from '../lib/arrays';

/** What choosing a token needs to know of its logits. */
export interface TopK {
  /** Ids of the largest logits, largest first; among equals the lowest id first. */
  tokens: ArrayLike<number>;
  /** Their logits. */
  logits: ArrayLike<number>;
  /** ln sum_i exp(logits[i]), over all logits: what a logit is more than its log-probability. */
  logSumExp: number;
}

/**
 * top_k: the `k` largest of `logits` [V] and the logarithm of the sum of their exponentials. Fewer where V is less than k; what is
 * not above -Infinity is left out.
 */
export function topKReference(logits: Numbers, k: number): TopK {
  const tokens: number[] = [];
  let threshold = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    if (!(logit > threshold)) continue;
    let place = tokens.length;
    while (place > 0 && logits[tokens[place - 1]] < logit) place -= 1;
    tokens.splice(place, 0, id);
    if (tokens.length > k) tokens.pop();
    if (tokens.length === k) threshold = logits[tokens[k - 1]];
  }
  const max = logits[tokens[0] ?? 0];
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id] - max);
  return {
    tokens,
    logits: tokens.map((id) => logits[id]),
    logSumExp: max + Math.log(sum),
  };
}

import { topKReference, type TopK } from '../../kernels/top_k/top_k.reference';

export type { TopK };

/** How the next token is chosen. `temperature` 0 is greedy and ignores the rest. */
export interface SamplingOptions {
  temperature: number;
  /** Only so many of the most probable tokens; without it all. */
  topK?: number;
  /** Smallest set of most probable tokens whose probabilities reach this part of all (of the `topK`); 1 keeps all. */
  topP: number;
  /** Uniform numbers in [0, 1). */
  random: () => number;
}

export interface SampledToken {
  token: number;
  /** Natural log of the model's own probability (temperature 1) of that token. */
  logProbability: number;
}

/** How many likely tokens are looked for: enough for a nucleus of code but in rare cases. */
export const TOP_COUNT = 64;

/** The likeliest tokens of logits `[V]`. */
export function likeliest(logits: Float32Array): TopK {
  return topKReference(logits, TOP_COUNT);
}

/** Chooses one token from logits `[V]`. Ties go to the lowest id. `top`: what is known of the logits already. */
export function sample(
  logits: Float32Array,
  options: SamplingOptions,
  top: TopK = likeliest(logits),
): SampledToken {
  const token =
    options.temperature > 0
      ? (sampleFromTop(logits.length, top, options) ?? sampleFromAll(logits, top, options))
      : (top.tokens[0] ?? 0);
  return { token, logProbability: logits[token] - top.logSumExp };
}

/** Index of the largest logit; the lowest index among equals. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** Natural log of the model's probability (temperature 1) of `token`. `max` is the largest logit. */
export function logProbabilityOf(token: number, logits: Float32Array, max: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - max);
  return logits[token] - max - Math.log(sum);
}

/**
 * Top-k, then nucleus sampling (arXiv 1904.09751, section 3.1) of the tempered distribution, from the likeliest tokens alone. Undefined, with
 * no random number taken, where the nucleus may depend on the others of `vocabSize`.
 */
function sampleFromTop(vocabSize: number, top: TopK, options: SamplingOptions): number | undefined {
  const { temperature, topK = vocabSize, topP } = options;
  const listed = Math.min(top.tokens.length, topK);
  const max = top.logits[0];
  const weights = Float64Array.from({ length: listed }, (_, i) =>
    Math.exp((top.logits[i] - max) / temperature),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const others = topK > listed ? mostOfOthers(vocabSize, top, temperature) : 0;
  const { kept, mass } = nucleus(weights, topP * total);
  if (mass < topP * (total + others)) return undefined;
  return top.tokens[draw(weights, kept, mass, options.random)];
}

/** An upper bound of the tempered weights of all tokens that are not listed; the largest weight is 1. */
function mostOfOthers(vocabSize: number, top: TopK, temperature: number): number {
  const listed = top.tokens.length;
  const [max, least] = [top.logits[0], top.logits[listed - 1]];
  const byNumber = (vocabSize - listed) * Math.exp((least - max) / temperature);
  if (temperature > 1) return byNumber;
  // w^(1/T) is w times w^(1/T - 1), and no w of the others is larger than the least one listed.
  let others = Math.exp(top.logSumExp - max) * (1 + 1e-5);
  for (let i = 0; i < listed; i++) others -= Math.exp(top.logits[i] - max);
  return Math.min(byNumber, others * Math.exp((least - max) * (1 / temperature - 1)));
}

/** The same, whatever the nucleus needs. */
function sampleFromAll(logits: Float32Array, top: TopK, options: SamplingOptions): number {
  const { temperature, topK = logits.length, topP, random } = options;
  const max = top.logits[0];
  const byId = Float64Array.from(logits, (logit) => Math.exp((logit - max) / temperature));
  const ids = Uint32Array.from(byId.keys())
    .sort((a, b) => byId[b] - byId[a])
    .subarray(0, topK);
  const weights = Float64Array.from(ids, (id) => byId[id]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { kept, mass } = nucleus(weights, topP * total);
  return ids[draw(weights, kept, mass, random)];
}

/** The first of `weights`, which descend, that reach `wanted` together; one at least. */
function nucleus(weights: Float64Array, wanted: number): { kept: number; mass: number } {
  let kept = 0;
  let mass = 0;
  while (kept < weights.length && (kept === 0 || mass < wanted)) mass += weights[kept++];
  return { kept, mass };
}

/** Index of one of the first `kept` weights, in proportion to them. */
function draw(weights: Float64Array, kept: number, mass: number, random: () => number): number {
  let left = random() * mass;
  for (let i = 0; i < kept; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return kept - 1;
}

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

/** Chooses one token from logits `[V]`. Ties go to the lowest id. */
export function sample(logits: Float32Array, options: SamplingOptions): SampledToken {
  const best = argmax(logits);
  const token = options.temperature > 0 ? sampleFromNucleus(logits, logits[best], options) : best;
  return { token, logProbability: logProbabilityOf(token, logits, logits[best]) };
}

/** Index of the largest logit; the lowest index among equals. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** Natural log of the model's probability (temperature 1) of `token`. `max` is the largest logit. */
export function logProbabilityOf(token: number, logits: Float32Array, max: number): number {
  return logits[token] - logSumExp(logits, max);
}

function logSumExp(logits: Float32Array, max: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - max);
  return max + Math.log(sum);
}

/** Top-k, then nucleus sampling (arXiv 1904.09751, section 3.1) of the tempered distribution. */
function sampleFromNucleus(logits: Float32Array, max: number, options: SamplingOptions): number {
  const { temperature, topK = logits.length, topP, random } = options;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - max) / temperature));
  const byWeight = Uint32Array.from(weights.keys())
    .sort((a, b) => weights[b] - weights[a])
    .subarray(0, topK);
  const total = byWeight.reduce((sum, id) => sum + weights[id], 0);
  let kept = 0;
  let mass = 0;
  while (kept < byWeight.length && (kept === 0 || mass < topP * total)) {
    mass += weights[byWeight[kept++]];
  }
  let left = random() * mass;
  for (let i = 0; i < kept; i++) {
    left -= weights[byWeight[i]];
    if (left < 0) return byWeight[i];
  }
  return byWeight[kept - 1];
}

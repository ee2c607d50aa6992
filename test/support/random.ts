import type { Random } from '../../scripts/random';

export { createRandom, type Random } from '../../scripts/random';

/** `length` uniform numbers in [low, high). */
export function uniform(random: Random, length: number, low: number, high: number): Float64Array {
  return Float64Array.from({ length }, () => low + (high - low) * random());
}

export function randomTokens(random: Random, length: number, vocabSize: number): Int32Array {
  return Int32Array.from({ length }, () => Math.floor(random() * vocabSize));
}

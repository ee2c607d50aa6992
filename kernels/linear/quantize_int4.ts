import { decodeFloat16, encodeFloat16 } from '../lib/float16';
import type { QuantizedRows } from './linear.reference';

const BLOCK = 32;
const CANDIDATES = 13;
const { fround } = Math;
/** Added to an f32 and taken off again it leaves a whole number, halves rounded to even. */
const ROUNDING = 12_582_912;

/**
 * The int4 weights of an int8 matrix, levels -8 to 7 in blocks of 32 columns: bit for bit what quantize_int4.as.ts makes, whose
 * header says how. One rounding to f32 is where the relaxed build has one: its fused sums are exact in doubles.
 */
export function quantizeInt4({ rows, cols, values, scales }: QuantizedRows): QuantizedRows {
  const levels = new Int8Array(values.length);
  const levelScales = new Uint16Array(scales.length);
  const scratch: Scratch = {
    x: new Int32Array(BLOCK),
    weights: new Float64Array(BLOCK),
    sums: new Float64Array(8),
  };
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK;
    const unit = decodeFloat16(scales[block]);
    const bits = toHalf(fround(bestScale(values, start, scratch) * unit));
    levelScales[block] = bits;
    const rounded = decodeFloat16(bits);
    const inverse = rounded === 0 ? 0 : fround(unit / rounded);
    for (let i = start; i < start + BLOCK; i++) levels[i] = levelOf(values[i], inverse);
  }
  return { kind: 'int8', rows, cols, values: levels, scales: levelScales };
}

/** Two levels a byte, the first one in the low four bits, each with 8 added: as lib/weight_words.wgsl reads them. */
export function packInt4({ values }: QuantizedRows): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(values.length / 2);
  for (let i = 0; i < packed.length; i++) {
    packed[i] = (values[2 * i] + 8) | ((values[2 * i + 1] + 8) << 4);
  }
  return packed;
}

/** One block's numbers, how much each counts, and what a candidate is summed in. */
interface Scratch {
  x: Int32Array;
  weights: Float64Array;
  sums: Float64Array;
}

function levelOf(x: number, inverse: number): number {
  const rounded = fround(fround(fround(x * inverse) + ROUNDING) - ROUNDING);
  return rounded > 7 ? 7 : rounded < -8 ? -8 : rounded;
}

const levelsByLargest = new Map<number, Int8Array>();

/** What each candidate of a block with this largest number rounds each int8 to, `[CANDIDATES, 256]`. */
function candidateLevels(largest: number): Int8Array {
  let levels = levelsByLargest.get(largest);
  if (!levels) {
    levels = Int8Array.from({ length: CANDIDATES * 256 }, (_, i) => {
      const step = fround(Math.floor(i / 256) * fround(2 / 12));
      return levelOf((i % 256) - 128, fround(-fround(7 + step) / largest));
    });
    levelsByLargest.set(largest, levels);
  }
  return levels;
}

/** The best scale of a block in units of its own one. */
function bestScale(values: Int8Array, start: number, { x, weights, sums }: Scratch): number {
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < BLOCK; i++) {
    x[i] = values[start + i];
    if (Math.abs(x[i]) > Math.abs(largest)) largest = x[i];
    squares += x[i] * x[i];
  }
  if (largest === 0) return 0;
  const levels = candidateLevels(largest);
  for (let i = 0; i < BLOCK; i++) weights[i] = x[i] * x[i] + squares / BLOCK;
  let best = -1;
  let scale = 0;
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    const at = candidate * 256 + 128;
    // The lanes of a vector.
    for (let lane = 0; lane < 4; lane++) {
      let product = 0;
      let norm = 0;
      for (let i = lane; i < BLOCK; i += 4) {
        const q = levels[at + x[i]];
        const weighted = q * weights[i];
        product = fround(weighted * x[i] + product);
        norm = fround(weighted * q + norm);
      }
      sums[lane] = product;
      sums[4 + lane] = norm;
    }
    const product = sumLanes(sums, 0);
    const norm = sumLanes(sums, 4);
    const gain = norm > 0 ? fround(fround(product * product) / norm) : 0;
    if (gain > best) {
      best = gain;
      scale = fround(product / norm);
    }
  }
  return scale;
}

function sumLanes(sums: Float64Array, at: number): number {
  return fround(fround(sums[at] + sums[at + 1]) + fround(sums[at + 2] + sums[at + 3]));
}

/** As `floatToHalf` of lib/simd.as.ts, which rounds what is subnormal as a half twice and has no negative zero. */
function toHalf(x: number): number {
  const shift = 2 ** 112;
  return encodeFloat16(fround(x / shift) * shift + 0);
}

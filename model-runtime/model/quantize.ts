import { decodeFloat16, encodeFloat16 } from '../../kernels/lib/float16';
import { QUANTIZATION_BLOCK, type QuantizedMatrix } from './weights';

const MAX_LEVEL = 127;

/**
 * Quantizes `[rows, cols]` row-major values to int8 in blocks of 32 columns: symmetric, scale = max|x| / 127 in f16,
 * levels rounded to nearest (halves away from zero) against the scale as stored. `cols` is a multiple of 32.
 * Throws RangeError for values that are not finite or too large for a scale in f16.
 */
export function quantize(values: Float32Array, rows: number, cols: number): QuantizedMatrix {
  const levels = new Int8Array(rows * cols);
  const scales = new Uint16Array((rows * cols) / QUANTIZATION_BLOCK);
  for (let block = 0; block < scales.length; block++) {
    const start = block * QUANTIZATION_BLOCK;
    scales[block] = quantizeBlock(
      values.subarray(start, start + QUANTIZATION_BLOCK),
      levels.subarray(start, start + QUANTIZATION_BLOCK),
    );
  }
  return { kind: 'int8', rows, cols, values: levels, scales };
}

/** Fills `levels` and returns the bits of their scale. */
function quantizeBlock(values: Float32Array, levels: Int8Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const bits = encodeFloat16(largest / MAX_LEVEL);
  const scale = decodeFloat16(bits);
  if (!Number.isFinite(scale)) throw new RangeError('a weight is not finite or out of range');
  // A block whose scale rounds to zero is zero.
  if (scale === 0) return bits;
  values.forEach((value, i) => {
    // A scale that was rounded down would lift the largest value above 127.
    const level = Math.min(Math.round(Math.abs(value) / scale), MAX_LEVEL);
    levels[i] = value < 0 ? -level : level;
  });
  return bits;
}

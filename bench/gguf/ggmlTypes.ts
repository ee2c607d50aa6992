import { decodeFloat16, encodeFloat16 } from '../../kernels/lib/float16';
import {
  QUANTIZATION_BLOCK,
  type Matrix,
  type QuantizedMatrix,
} from '../../model-runtime/model/weights';

/** Storage of a tensor, by ggml's name. */
export type GgmlType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

interface TypeLayout {
  /** `ggml_type` in the file. */
  id: number;
  blockElements: number;
  blockBytes: number;
}

/** Source: ggml.h (`enum ggml_type`) and ggml-common.h (`block_q8_0`: one f16 scale, 32 int8; `block_q4_0`: 32 nibbles). */
export const GGML_TYPES: Record<GgmlType, TypeLayout> = {
  F32: { id: 0, blockElements: 1, blockBytes: 4 },
  F16: { id: 1, blockElements: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockElements: QUANTIZATION_BLOCK, blockBytes: 2 + QUANTIZATION_BLOCK / 2 },
  Q8_0: { id: 8, blockElements: QUANTIZATION_BLOCK, blockBytes: 2 + QUANTIZATION_BLOCK },
};

export function ggmlSizeBytes(type: GgmlType, elements: number): number {
  const { blockElements, blockBytes } = GGML_TYPES[type];
  return (elements / blockElements) * blockBytes;
}

export function encodeF32(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The matrix's numbers in f32; exact, since an int8 times an f16 has at most 19 significant bits. */
export function encodeMatrixF32(matrix: Matrix): Uint8Array {
  if (matrix.kind === 'f32') return encodeF32(matrix.values);
  const values = new Float32Array(matrix.rows * matrix.cols);
  matrix.scales.forEach((bits, block) => {
    const scale = decodeFloat16(bits);
    const start = block * QUANTIZATION_BLOCK;
    matrix.values.subarray(start, start + QUANTIZATION_BLOCK).forEach((value, column) => {
      values[start + column] = value * scale;
    });
  });
  return encodeF32(values);
}

/** The matrix's numbers rounded to f16. */
export function encodeMatrixF16(matrix: Matrix): Uint8Array {
  const exact = encodeMatrixF32(matrix);
  const values = new Float32Array(exact.buffer, exact.byteOffset, exact.byteLength / 4);
  return new Uint8Array(Uint16Array.from(values, encodeFloat16).buffer);
}

/** The same int8 and scales, bit for bit, with each scale moved in front of its block. */
export function encodeQ8(matrix: QuantizedMatrix): Uint8Array {
  const { blockBytes } = GGML_TYPES.Q8_0;
  const bytes = new Uint8Array(matrix.scales.length * blockBytes);
  const view = new DataView(bytes.buffer);
  const source = new Uint8Array(
    matrix.values.buffer,
    matrix.values.byteOffset,
    matrix.values.length,
  );
  matrix.scales.forEach((bits, block) => {
    const start = block * QUANTIZATION_BLOCK;
    view.setUint16(block * blockBytes, bits, true);
    bytes.set(source.subarray(start, start + QUANTIZATION_BLOCK), block * blockBytes + 2);
  });
  return bytes;
}

/** Four bits a number, from the exact numbers of the int8 matrix. Source: ggml-quants.c, quantize_row_q4_0_ref. */
export function encodeQ4(matrix: QuantizedMatrix): Uint8Array {
  const { blockBytes } = GGML_TYPES.Q4_0;
  const half = QUANTIZATION_BLOCK / 2;
  const bytes = new Uint8Array(matrix.scales.length * blockBytes);
  const view = new DataView(bytes.buffer);
  matrix.scales.forEach((bits, block) => {
    const start = block * QUANTIZATION_BLOCK;
    const values = matrix.values.subarray(start, start + QUANTIZATION_BLOCK);
    const unit = decodeFloat16(bits);
    // The largest number becomes -8.
    const largest = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0) * unit;
    const scale = largest / -8;
    const inverse = scale === 0 ? 0 : 1 / scale;
    const level = (i: number) => Math.min(15, Math.floor((values[i] ?? 0) * unit * inverse + 8.5));
    const at = block * blockBytes;
    view.setUint16(at, encodeFloat16(scale), true);
    for (let i = 0; i < half; i++) bytes[at + 2 + i] = level(i) | (level(i + half) << 4);
  });
  return bytes;
}

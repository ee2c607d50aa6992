import { decodeFloat16 } from '../../kernels/lib/float16';
import { cannotImport } from '../model/modelErrors';
import { QUANTIZATION_BLOCK } from '../model/weights';
import type { SourceTensor } from './checkpoint';
import { readBytes } from './sourceFiles';

const Q8_BLOCK_BYTES = 2 + QUANTIZATION_BLOCK;

/** int8 blocks of 32 with their scales in f16, `values[i] * f16(scales[i / 32])`. */
export interface Blocks {
  values: Int8Array;
  scales: Uint16Array;
}

/** Whether the source has int8 blocks, which are kept bit for bit. */
export function isBlocked({ dtype }: SourceTensor): boolean {
  return dtype === 'I8' || dtype === 'Q8_0';
}

/**
 * Elements [first, first + count) in f32; exact, since every type of a checkpoint fits into f32 and an int8 times an f16 does too.
 * `count` and `first` are multiples of 32 for blocked tensors. Errors: `modelCorrupt` for values that are not finite.
 */
export async function readFloats(
  tensor: SourceTensor,
  name: string,
  first: number,
  count: number,
): Promise<Float32Array> {
  const values = await decode(tensor, name, first, count);
  const { map } = tensor;
  if (map !== undefined) for (let i = 0; i < count; i++) values[i] = map(values[i] ?? 0);
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw cannotImport(tensor.file.path, `tensor ${name} has values that are not finite`);
    }
  }
  return values;
}

async function decode(
  tensor: SourceTensor,
  name: string,
  first: number,
  count: number,
): Promise<Float32Array> {
  switch (tensor.dtype) {
    case 'F32':
      return new Float32Array((await readElements(tensor, name, first, count, 4)).buffer);
    case 'F16': {
      const halves = new Uint16Array((await readElements(tensor, name, first, count, 2)).buffer);
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = decodeFloat16(halves[i] ?? 0);
      return values;
    }
    case 'BF16': {
      // bfloat16 is the upper half of an f32.
      const halves = new Uint16Array((await readElements(tensor, name, first, count, 2)).buffer);
      const words = new Uint32Array(count);
      for (let i = 0; i < count; i++) words[i] = (halves[i] ?? 0) << 16;
      return new Float32Array(words.buffer);
    }
    case 'Q8_0': {
      const { values, scales } = await readQ8(tensor, name, first, count);
      return Float32Array.from(
        values,
        (level, i) => level * decodeFloat16(scales[Math.floor(i / QUANTIZATION_BLOCK)] ?? 0),
      );
    }
    case 'I8':
    case 'U8':
      throw cannotImport(tensor.file.path, `tensor ${name} has the type ${tensor.dtype}`);
  }
}

/** As `readFloats`, of a tensor with int8 blocks; `scales` is the tensor of the product's own form that holds them. */
export async function readBlocks(
  tensor: SourceTensor,
  scales: SourceTensor | undefined,
  name: string,
  first: number,
  count: number,
): Promise<Blocks> {
  const blocks =
    tensor.dtype === 'Q8_0'
      ? await readQ8(tensor, name, first, count)
      : await readI8(tensor, scales, name, first, count);
  if (!blocks.scales.every((bits) => Number.isFinite(decodeFloat16(bits)))) {
    throw cannotImport(tensor.file.path, `tensor ${name} has scales that are not finite`);
  }
  return blocks;
}

async function readI8(
  tensor: SourceTensor,
  scales: SourceTensor | undefined,
  name: string,
  first: number,
  count: number,
): Promise<Blocks> {
  if (scales?.dtype !== 'F16') {
    throw cannotImport(tensor.file.path, `tensor ${name} is int8 without scales in f16`);
  }
  const blocks = count / QUANTIZATION_BLOCK;
  const bytes = await readElements(scales, name, first / QUANTIZATION_BLOCK, blocks, 2);
  const values = await readElements(tensor, name, first, count, 1);
  return { values: new Int8Array(values.buffer), scales: new Uint16Array(bytes.buffer) };
}

/** Source: ggml-common.h, `block_q8_0`: one f16 scale, 32 int8. */
async function readQ8(
  tensor: SourceTensor,
  name: string,
  first: number,
  count: number,
): Promise<Blocks> {
  const blocks = count / QUANTIZATION_BLOCK;
  const bytes = await readElements(
    tensor,
    name,
    first / QUANTIZATION_BLOCK,
    blocks,
    Q8_BLOCK_BYTES,
  );
  const view = new DataView(bytes.buffer);
  const values = new Int8Array(count);
  const scales = new Uint16Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q8_BLOCK_BYTES;
    scales[block] = view.getUint16(at, true);
    values.set(new Int8Array(bytes.buffer, at + 2, QUANTIZATION_BLOCK), block * QUANTIZATION_BLOCK);
  }
  return { values, scales };
}

/** Bytes of elements of `size` bytes, in a buffer of their own. */
async function readElements(
  { file, offset }: SourceTensor,
  name: string,
  first: number,
  count: number,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(file, offset + first * size, count * size);
  if (bytes.length === count * size) return bytes;
  throw cannotImport(file.path, `it ends within tensor ${name}`);
}

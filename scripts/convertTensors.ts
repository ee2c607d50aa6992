import { decodeFloat16 } from '../kernels/lib/float16';
import { modelCorrupt } from '../model-runtime/model/modelErrors';
import { quantize } from '../model-runtime/model/quantize';
import type { Tensor } from '../model-runtime/model/safetensors';
import { SCALE_SUFFIX, type TensorLayout } from '../model-runtime/model/tensorLayout';
import { QUANTIZATION_BLOCK } from '../model-runtime/model/weights';

/** A tensor to be written. `values` are in the machine's byte order, which is little-endian wherever Node runs VS Code. */
export interface OutputTensor {
  name: string;
  dtype: 'F32' | 'F16' | 'I8';
  shape: readonly number[];
  values: Float32Array | Uint16Array | Int8Array;
}

/**
 * One tensor of the source in the form the product stores it in. A matrix that is int8 already keeps its bits; one in
 * floating point becomes int8 when its columns fill whole blocks; everything else becomes f32.
 * Errors: `modelCorrupt` when the tensor is missing, or has another shape or type than `layout` allows.
 */
export function convertTensor(
  layout: TensorLayout,
  source: ReadonlyMap<string, Tensor>,
  file: string,
): OutputTensor[] {
  const { name, shape, storage } = layout;
  const tensor = find(source, name, shape, file);
  const cols = shape[shape.length - 1] ?? 1;
  const isBlocked = storage === 'matrix' && cols % QUANTIZATION_BLOCK === 0;
  if (tensor.dtype === 'I8') {
    if (!isBlocked) throw modelCorrupt(file, `tensor ${name} must not be int8`);
    return keepQuantized(name, shape, tensor, source, file);
  }
  const values = toFloat32(tensor, name, file);
  if (!isBlocked) return [{ name, dtype: 'F32', shape, values }];
  try {
    const { values: levels, scales } = quantize(values, values.length / cols, cols);
    return quantized(name, shape, levels, scales);
  } catch (error) {
    throw modelCorrupt(file, `tensor ${name} cannot be quantized`, error);
  }
}

function keepQuantized(
  name: string,
  shape: readonly number[],
  { bytes }: Tensor,
  source: ReadonlyMap<string, Tensor>,
  file: string,
): OutputTensor[] {
  const [rows = 1, cols = 1] = shape;
  const scaleName = name + SCALE_SUFFIX;
  const scale = find(source, scaleName, [rows, cols / QUANTIZATION_BLOCK], file);
  if (scale.dtype !== 'F16') throw modelCorrupt(file, `tensor ${scaleName} is not in f16`);
  const levels = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scales = new Uint16Array(scale.bytes.slice().buffer);
  if (!scales.every((bits) => Number.isFinite(decodeFloat16(bits)))) {
    throw modelCorrupt(file, `tensor ${scaleName} has values that are not finite`);
  }
  return quantized(name, shape, levels, scales);
}

function quantized(
  name: string,
  shape: readonly number[],
  levels: Int8Array,
  scales: Uint16Array,
): OutputTensor[] {
  const [rows = 1, cols = 1] = shape;
  const scaleShape = [rows, cols / QUANTIZATION_BLOCK];
  return [
    { name, dtype: 'I8', shape, values: levels },
    { name: name + SCALE_SUFFIX, dtype: 'F16', shape: scaleShape, values: scales },
  ];
}

function find(
  source: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly number[],
  file: string,
): Tensor {
  const tensor = source.get(name);
  if (tensor === undefined) throw modelCorrupt(file, `tensor ${name} is missing`);
  if (tensor.shape.join() !== shape.join()) {
    throw modelCorrupt(file, `tensor ${name} is [${tensor.shape.join()}], not [${shape.join()}]`);
  }
  return tensor;
}

function toFloat32({ dtype, bytes }: Tensor, name: string, file: string): Float32Array {
  // A copy, since a foreign file may start its data at any byte.
  const { buffer } = bytes.slice();
  const values = decode(dtype, buffer);
  if (values === undefined) throw modelCorrupt(file, `tensor ${name} has the type ${dtype}`);
  if (!values.every(Number.isFinite)) {
    throw modelCorrupt(file, `tensor ${name} has values that are not finite`);
  }
  return values;
}

function decode(dtype: Tensor['dtype'], buffer: ArrayBuffer): Float32Array | undefined {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), decodeFloat16);
    case 'BF16':
      // bfloat16 is the upper half of an f32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer,
      );
    case 'I8':
    case 'U8':
      return undefined;
  }
}

import { GGML_TYPES, ggmlSizeBytes, type GgmlType } from './ggmlTypes';

/** A metadata value with its type in the file. */
export type GgufValue =
  | { type: 'uint32'; value: number }
  | { type: 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'int32s'; value: readonly number[] }
  | { type: 'strings'; value: readonly string[] };

export interface GgufTensor {
  name: string;
  /** Fastest-changing first, so a matrix is `[cols, rows]`. */
  dimensions: readonly number[];
  type: GgmlType;
  /** Makes the bytes when they are written, so that one tensor at a time is in memory. */
  encode(): Uint8Array;
}

const VERSION = 3;
const ALIGNMENT_BYTES = 32;
/** `gguf_type` of each value. Source: ggml's docs/gguf.md. */
const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** The parts of a GGUF file in order: the header with all metadata, then each tensor with its padding. */
export function* encodeGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  yield encodeHeader(metadata, tensors);
  for (const tensor of tensors) {
    const bytes = tensor.encode();
    const expected = tensorSizeBytes(tensor);
    if (bytes.length !== expected) {
      throw new Error(`${tensor.name} has ${bytes.length} bytes instead of ${expected}`);
    }
    yield bytes;
    yield new Uint8Array(paddingBytes(bytes.length));
  }
}

function encodeHeader(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Uint8Array {
  const header = new ByteWriter();
  header.bytes(Buffer.from('GGUF', 'ascii'));
  header.uint32(VERSION);
  header.uint64(tensors.length);
  header.uint64(metadata.size);
  for (const [key, value] of metadata) {
    header.string(key);
    writeValue(header, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    header.string(tensor.name);
    header.uint32(tensor.dimensions.length);
    for (const dimension of tensor.dimensions) header.uint64(dimension);
    header.uint32(GGML_TYPES[tensor.type].id);
    header.uint64(offset);
    const size = tensorSizeBytes(tensor);
    offset += size + paddingBytes(size);
  }
  header.bytes(new Uint8Array(paddingBytes(header.length)));
  return header.toBytes();
}

function writeValue(header: ByteWriter, value: GgufValue): void {
  switch (value.type) {
    case 'uint32':
      header.uint32(VALUE_TYPES.uint32);
      return header.uint32(value.value);
    case 'float32':
      header.uint32(VALUE_TYPES.float32);
      return header.float32(value.value);
    case 'bool':
      header.uint32(VALUE_TYPES.bool);
      return header.bytes(Uint8Array.of(value.value ? 1 : 0));
    case 'string':
      header.uint32(VALUE_TYPES.string);
      return header.string(value.value);
    case 'int32s':
      header.uint32(VALUE_TYPES.array);
      header.uint32(VALUE_TYPES.int32);
      header.uint64(value.value.length);
      return value.value.forEach((item) => header.uint32(item));
    case 'strings':
      header.uint32(VALUE_TYPES.array);
      header.uint32(VALUE_TYPES.string);
      header.uint64(value.value.length);
      return value.value.forEach((item) => header.string(item));
  }
}

function tensorSizeBytes({ type, dimensions }: GgufTensor): number {
  return ggmlSizeBytes(
    type,
    dimensions.reduce((product, dimension) => product * dimension, 1),
  );
}

function paddingBytes(length: number): number {
  return (ALIGNMENT_BYTES - (length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
}

/** Appends little-endian numbers and strings. */
class ByteWriter {
  private readonly parts: Uint8Array[] = [];
  length = 0;

  bytes(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  /** Negative values are written as two's complement, which is what an int32 is in the file. */
  uint32(value: number): void {
    this.number(4, (view) => view.setUint32(0, value, true));
  }

  uint64(value: number): void {
    this.number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  float32(value: number): void {
    this.number(4, (view) => view.setFloat32(0, value, true));
  }

  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  toBytes(): Uint8Array {
    return Buffer.concat(this.parts, this.length);
  }

  private number(sizeBytes: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(sizeBytes);
    set(new DataView(bytes.buffer));
    this.bytes(bytes);
  }
}

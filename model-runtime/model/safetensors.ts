import * as v from 'valibot';
import { modelCorrupt, type FailWith } from './modelErrors';
import { parseJson } from './parseJson';

/** Bytes of one element of each type the project reads. */
export const DTYPE_BYTES = { I8: 1, U8: 1, F16: 2, BF16: 2, F32: 4 } as const;
export type Dtype = keyof typeof DTYPE_BYTES;

/** One tensor of a file. `bytes` is a view of the file's content, row-major, little-endian. */
export interface Tensor {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** Upstream's own limit; no real header comes near it. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({
  dtype: v.string(),
  shape: v.pipe(v.array(natural), v.maxLength(8)),
  data_offsets: v.tuple([natural, natural]),
});
/** Free-text pairs under this name stand among the tensors; nothing here depends on them. */
const METADATA = '__metadata__';
const headerSchema = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((header) =>
    Object.fromEntries(Object.entries(header).filter(([name]) => name !== METADATA)),
  ),
  v.record(v.string(), entrySchema),
);

/** Where a tensor lies in its file. */
export interface TensorPlace {
  dtype: Dtype;
  shape: readonly number[];
  /** From the file's start. */
  offset: number;
  length: number;
}

/** Finds the tensors of a safetensors file held in memory, by name. No byte of the data is copied. Errors: as `parseHeader`. */
export function parseSafetensors(content: Uint8Array, file: string): Map<string, Tensor> {
  const dataStart = LENGTH_BYTES + headerLength(content, content.length, file);
  // A copy: shared memory is not decoded.
  const header = content.slice(LENGTH_BYTES, dataStart);
  return new Map(
    [...parseHeader(header, content.length, file)].map(([name, place]) => [
      name,
      {
        dtype: place.dtype,
        shape: place.shape,
        bytes: content.subarray(place.offset, place.offset + place.length),
      },
    ]),
  );
}

/**
 * Where the tensors of a safetensors file of `fileBytes` bytes lie, from its header, which follows its length.
 * Errors, made by `fail`: when the header is cut short, not JSON, or when the tensors do not fill the data exactly:
 * out of bounds, overlapping, with holes, or of a size other than their type and shape say.
 * Source: the format's description at huggingface/safetensors, README «Format».
 */
export function parseHeader(
  header: Uint8Array,
  fileBytes: number,
  file: string,
  fail: FailWith = modelCorrupt,
): Map<string, TensorPlace> {
  const dataStart = LENGTH_BYTES + header.length;
  const text = decodeHeader(header, file, fail);
  const entries = parseJson(headerSchema, text, file, fail);
  const inOrder = Object.entries(entries).sort(
    ([, a], [, b]) =>
      a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  const tensors = new Map<string, TensorPlace>();
  let expectedBegin = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of inOrder) {
    const [begin, end] = offsets;
    if (!isDtype(dtype)) throw fail(file, `tensor ${name} has the unknown type ${dtype}`);
    if (begin !== expectedBegin) {
      throw fail(file, `tensor ${name} overlaps another or leaves a hole`);
    }
    const length = shape.reduce((product, extent) => product * extent, DTYPE_BYTES[dtype]);
    if (end - begin !== length) {
      throw fail(file, `tensor ${name} has ${end - begin} bytes instead of ${length}`);
    }
    if (dataStart + end > fileBytes) {
      throw fail(file, `tensor ${name} lies beyond the end of the file`);
    }
    tensors.set(name, { dtype, shape, offset: dataStart + begin, length });
    expectedBegin = end;
  }
  if (dataStart + expectedBegin !== fileBytes) {
    throw fail(file, 'it holds bytes that belong to no tensor');
  }
  return tensors;
}

/** Bytes of the header that follows `start`, the first eight bytes of a file. Errors: as `parseHeader`. */
export function headerLength(
  start: Uint8Array,
  fileBytes: number,
  file: string,
  fail: FailWith = modelCorrupt,
): number {
  if (start.length < LENGTH_BYTES) throw fail(file, 'it is too short for a header');
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES))) {
    throw fail(file, `its header of ${length} bytes does not fit into the file`);
  }
  return Number(length);
}

function decodeHeader(bytes: Uint8Array, file: string, fail: FailWith): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail(file, 'its header is not UTF-8', error);
  }
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPE_BYTES, name);
}

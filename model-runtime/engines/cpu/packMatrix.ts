import type { Matrix, QuantizedMatrix } from '../../model/weights';
import type { CpuBuild } from './cpuBuild';
import type { MemoryArea } from './memoryArea';

/** Fields of the WebAssembly side's Matrix, in order, each four bytes (kernels/lib/matrix.as.ts). */
export const MATRIX_FIELDS = ['kind', 'rowBlocks', 'cols', 'values', 'scales', 'offset'] as const;
export const MATRIX_KIND = { f32: 0, int8: 1, int4: 2 } as const;

/** Rows that share a block: a lane is a row. */
export const ROW_BLOCK = 16;
/** Columns that share a scale. */
export const COLUMN_BLOCK = 32;

/**
 * Where packed values and scales begin: at multiples of what 16 rows of 32 columns take. On Zen 4 a token takes 2.9 instead of 3.15 ms where they
 * begin at multiples of 256 bytes or more; of 64 or 128 there is no gain.
 */
export const PACKED_ALIGNMENT = 512;

/** Bytes of an int8 matrix's packed values. */
export function packedSize({ rows, cols }: Pick<Matrix, 'rows' | 'cols'>): number {
  return rowBlocksOf(rows) * ROW_BLOCK * cols;
}

/** Bytes of an int8 matrix's packed scales. */
export function packedScalesSize({ rows, cols }: Pick<Matrix, 'rows' | 'cols'>): number {
  return (rowBlocksOf(rows) * ROW_BLOCK * cols * 2) / COLUMN_BLOCK;
}

/** A matrix in the shared memory: what the fields of its structure are to be. */
export type PackedMatrix = Record<(typeof MATRIX_FIELDS)[number], number>;

export function rowBlocksOf(rows: number): number {
  return Math.ceil(rows / ROW_BLOCK);
}

/**
 * Brings a matrix into the shared memory in the layout its kernel reads (kernels/linear). The int8 values and their scales
 * are kept bit by bit. The last block of rows is filled up with zeros.
 */
export function packMatrix(matrix: Matrix, area: MemoryArea, build: CpuBuild): PackedMatrix {
  if (matrix.kind === 'int8') {
    const scales = area.allocate(packedScalesSize(matrix), PACKED_ALIGNMENT);
    const values = area.allocate(packedSize(matrix), PACKED_ALIGNMENT);
    packScales(matrix, area, scales);
    packValues(matrix, area, build, values);
    return packedInt8(matrix, build, values, scales);
  }
  const { rows, cols } = matrix;
  const rowBlocks = rowBlocksOf(rows);
  const values = area.allocate(rowBlocks * ROW_BLOCK * cols * 4, PACKED_ALIGNMENT);
  packRowsF32(matrix.values, rows, cols, area.float32(values, rowBlocks * ROW_BLOCK * cols));
  return { kind: MATRIX_KIND.f32, rowBlocks, cols, values, scales: 0, offset: 0 };
}

/** What was packed by `packValues` and `packScales`. */
export function packedInt8(
  { rows, cols }: QuantizedMatrix,
  { offset }: CpuBuild,
  values: number,
  scales: number,
): PackedMatrix {
  return { kind: MATRIX_KIND.int8, rowBlocks: rowBlocksOf(rows), cols, values, scales, offset };
}

/** To `place`, which may overlap the values themselves when it does not lie before them. */
export function packValues(
  matrix: QuantizedMatrix,
  area: MemoryArea,
  build: CpuBuild,
  place: number,
): void {
  const { cols, values } = matrix;
  const size = packedSize(matrix);
  if (build.isRelaxed) {
    const block = new Uint32Array((ROW_BLOCK * cols) / 4);
    const flip = build.offset === 0 ? 0 : 0x80808080;
    packWords(values, cols, block, flip, area.uint32(place, size / 4));
  } else {
    const block = new Uint16Array((ROW_BLOCK * cols) / 2);
    packWords(values, cols, block, 0, area.uint16(place, size / 2));
  }
}

/** `[rows, cols / 32]` to `[row block, column block, 16]` at `place`, which may overlap them when it does not lie before them. */
export function packScales(matrix: QuantizedMatrix, area: MemoryArea, place: number): void {
  const { cols, scales } = matrix;
  const columns = cols / COLUMN_BLOCK;
  const bytes = new Int8Array(scales.buffer, scales.byteOffset, scales.byteLength);
  const block = new Uint16Array(ROW_BLOCK * columns);
  packWords(bytes, columns * 2, block, 0, area.uint16(place, packedScalesSize(matrix) / 2));
}

/** Index of row `r` within `[row block, columns, 16]` at column 0. */
function blockStart(r: number, columns: number): number {
  return Math.floor(r / ROW_BLOCK) * columns * ROW_BLOCK + (r % ROW_BLOCK);
}

function packRowsF32(source: Float32Array, rows: number, cols: number, target: Float32Array): void {
  for (let r = 0; r < rows; r++) {
    const to = blockStart(r, cols);
    for (let c = 0; c < cols; c++) target[to + c * ROW_BLOCK] = source[r * cols + c] ?? 0;
  }
}

/**
 * `source` is rows of `cols` bytes. Neighbouring bytes of a row are one word of 2 or 4; `flip` adds 128 to each. `block`
 * holds one block of rows while it is written anew.
 */
function packWords(
  source: Int8Array,
  cols: number,
  block: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  flip: number,
  target: Uint16Array | Uint32Array,
): void {
  const bytes = new Int8Array(block.buffer);
  const width = cols / block.BYTES_PER_ELEMENT;
  // From the end, so that what is written never lies before what is still to be read.
  const last = source.length - 1 - ((source.length - 1) % bytes.length);
  for (let start = last; start >= 0; start -= bytes.length) {
    let to = start / block.BYTES_PER_ELEMENT;
    const taken = source.subarray(start, start + bytes.length);
    bytes.set(taken);
    bytes.fill(0, taken.length);
    for (let word = 0; word < width; word++) {
      for (let from = word; from < block.length; from += width) {
        target[to++] = (block[from] ?? 0) ^ flip;
      }
    }
  }
}

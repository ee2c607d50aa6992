import type { Matrix } from '../../model/weights';
import type { CpuBuild } from './cpuBuild';
import type { MemoryArea } from './memoryArea';

/** Fields of the WebAssembly side's Matrix, in order, each four bytes (kernels/lib/matrix.as.ts). */
export const MATRIX_FIELDS = ['kind', 'rowBlocks', 'cols', 'values', 'scales', 'offset'] as const;
export const MATRIX_KIND = { f32: 0, int8: 1, int4: 2 } as const;

/** Rows that share a block: a lane is a row. */
export const ROW_BLOCK = 16;
/** Columns that share a scale. */
export const COLUMN_BLOCK = 32;

/** A matrix in the shared memory: what the fields of its structure are to be. */
export type PackedMatrix = Record<(typeof MATRIX_FIELDS)[number], number>;

export function rowBlocksOf(rows: number): number {
  return Math.ceil(rows / ROW_BLOCK);
}

/**
 * Copies a matrix into the shared memory in the layout its kernel reads (kernels/linear). The int8 values and their scales
 * are kept bit by bit. The last block of rows is filled up with zeros.
 */
export function packMatrix(matrix: Matrix, area: MemoryArea, build: CpuBuild): PackedMatrix {
  const { rows, cols } = matrix;
  const rowBlocks = rowBlocksOf(rows);
  if (matrix.kind === 'f32') {
    const values = area.allocate(rowBlocks * ROW_BLOCK * cols * 4);
    packRowsF32(matrix.values, rows, cols, area.float32(values, rowBlocks * ROW_BLOCK * cols));
    return { kind: MATRIX_KIND.f32, rowBlocks, cols, values, scales: 0, offset: 0 };
  }
  const size = rowBlocks * ROW_BLOCK * cols;
  const values = area.allocate(size);
  area.uint8(values, size).fill(build.offset);
  if (build.isRelaxed) {
    const flip = build.offset === 0 ? 0 : 0x80808080;
    packQuads(words(matrix.values), rows, cols, flip, area.uint32(values, size / 4));
  } else {
    packPairs(halfWords(matrix.values), rows, cols, area.uint16(values, size / 2));
  }
  const scales = packScales(matrix.scales, rows, cols, area);
  return { kind: MATRIX_KIND.int8, rowBlocks, cols, values, scales, offset: build.offset };
}

/** `[rows, cols / 32]` to `[row block, column block, 16]`; returns the address. */
export function packScales(
  scales: Uint16Array,
  rows: number,
  cols: number,
  area: MemoryArea,
): number {
  const blocks = cols / COLUMN_BLOCK;
  const length = rowBlocksOf(rows) * ROW_BLOCK * blocks;
  const address = area.allocate(length * 2);
  const target = area.uint16(address, length);
  for (let r = 0; r < rows; r++) {
    const to = blockStart(r, blocks);
    for (let b = 0; b < blocks; b++) target[to + b * ROW_BLOCK] = scales[r * blocks + b] ?? 0;
  }
  return address;
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

/** Four columns of a row are one word; `flip` adds 128 to each byte. */
function packQuads(
  source: Uint32Array,
  rows: number,
  cols: number,
  flip: number,
  target: Uint32Array,
): void {
  const quads = cols / 4;
  for (let r = 0; r < rows; r++) {
    const to = blockStart(r, quads);
    const from = r * quads;
    for (let q = 0; q < quads; q++) target[to + q * ROW_BLOCK] = (source[from + q] ?? 0) ^ flip;
  }
}

function packPairs(source: Uint16Array, rows: number, cols: number, target: Uint16Array): void {
  const pairs = cols / 2;
  for (let r = 0; r < rows; r++) {
    const to = blockStart(r, pairs);
    const from = r * pairs;
    for (let q = 0; q < pairs; q++) target[to + q * ROW_BLOCK] = source[from + q] ?? 0;
  }
}

/** The same bytes four by four; a copy where the file did not align them. */
function words(values: Int8Array): Uint32Array {
  const aligned = values.byteOffset % 4 === 0 ? values : values.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

function halfWords(values: Int8Array): Uint16Array {
  const aligned = values.byteOffset % 2 === 0 ? values : values.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

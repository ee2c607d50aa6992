import type { QuantizedMatrix } from '../../model/weights';
import type { CpuBuild } from './cpuBuild';
import type { MemoryArea } from './memoryArea';
import type { PackMatrix } from './memoryPlan';
import {
  COLUMN_BLOCK,
  MATRIX_KIND,
  PACKED_ALIGNMENT,
  ROW_BLOCK,
  packMatrix,
  rowBlocksOf,
  type PackedMatrix,
} from './packMatrix';

type QuantizeInt4 = (
  values: number,
  scales: number,
  rows: number,
  cols: number,
  packed: number,
  packedScales: number,
  scratch: number,
) => void;

/**
 * A packer that makes int4 weights from int8 ones (kernels/linear/quantize_int4.as.ts); f32 matrices stay as they are.
 * `mostColumns` is the widest matrix it will be given.
 */
export function int4Packer(area: MemoryArea, build: CpuBuild, mostColumns: number): PackMatrix {
  const { exports } = new WebAssembly.Instance(build.module, {
    env: { memory: area.memory, abort: () => undefined },
  });
  const quantizeInt4 = exports.quantizeInt4 as QuantizeInt4;
  const stagedValues = area.allocate(ROW_BLOCK * mostColumns);
  const stagedScales = area.allocate((ROW_BLOCK * mostColumns * 2) / COLUMN_BLOCK);
  const scratch = area.allocate(ROW_BLOCK * mostColumns);

  const pack = (matrix: QuantizedMatrix): PackedMatrix => {
    const { rows, cols, values, scales } = matrix;
    const groups = cols / COLUMN_BLOCK;
    const rowBlocks = rowBlocksOf(rows);
    const packed = area.allocate((rowBlocks * ROW_BLOCK * cols) / 2, PACKED_ALIGNMENT);
    const packedScales = area.allocate(rowBlocks * ROW_BLOCK * groups * 2, PACKED_ALIGNMENT);
    for (let block = 0; block < rowBlocks; block++) {
      const first = block * ROW_BLOCK;
      const count = Math.min(ROW_BLOCK, rows - first);
      const source = values.subarray(first * cols, (first + count) * cols);
      area.int8(stagedValues, count * cols).set(source);
      const sourceScales = scales.subarray(first * groups, (first + count) * groups);
      area.uint16(stagedScales, count * groups).set(sourceScales);
      quantizeInt4(
        stagedValues,
        stagedScales,
        count,
        cols,
        packed + (block * ROW_BLOCK * cols) / 2,
        packedScales + block * ROW_BLOCK * groups * 2,
        scratch,
      );
    }
    return {
      kind: MATRIX_KIND.int4,
      rowBlocks,
      cols,
      values: packed,
      scales: packedScales,
      offset: 0,
    };
  };
  return (matrix) => (matrix.kind === 'int8' ? pack(matrix) : packMatrix(matrix, area, build));
}

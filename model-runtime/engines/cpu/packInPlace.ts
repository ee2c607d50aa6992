import {
  isMamba2,
  type Matrix,
  type ModelWeights,
  type QuantizedMatrix,
} from '../../model/weights';
import type { CpuBuild } from './cpuBuild';
import { ALIGNMENT, type MemoryArea } from './memoryArea';
import { packMatrix, packedSize, type PackedMatrix } from './packMatrix';

/**
 * Packs the int8 matrices of a file that was read into `area` where they lie, so that nothing is held twice. That works when
 * they stand together at the file's end, as the converter writes them, and the file is the last thing allocated: each is
 * moved up a little, to make room for the rows that fill up the last blocks of those below. Their old values are gone then.
 * Answers what was packed, which is nothing where it does not work.
 */
export function packInPlace(
  weights: ModelWeights,
  area: MemoryArea,
  build: CpuBuild,
): ReadonlyMap<Matrix, PackedMatrix> {
  const matrices = quantizedMatrices(weights);
  // Going down, the end of one is the start of the one before.
  let start = area.allocate(0);
  let growth = 0;
  for (const [index, matrix] of matrices.entries()) {
    const { byteOffset, length } = matrix.values;
    const gap = start - (byteOffset + length);
    const isNext = index === 0 ? gap >= 0 && gap < ALIGNMENT : gap === 0;
    if (!area.holds(matrix.values) || !isNext) return new Map();
    start = byteOffset;
    growth += packedSize(matrix) - length;
  }
  area.allocate(growth);
  const packed = new Map<Matrix, PackedMatrix>();
  for (const matrix of matrices) {
    growth -= packedSize(matrix) - matrix.values.length;
    packed.set(matrix, packMatrix(matrix, area, build, matrix.values.byteOffset + growth));
  }
  return packed;
}

/** Each once, from the end of the file to its start. */
function quantizedMatrices(weights: ModelWeights): QuantizedMatrix[] {
  const inner = isMamba2(weights)
    ? weights.layers.flatMap(({ inProj, outProj }) => [inProj, outProj])
    : weights.layers.flatMap(({ inProj, xProj, dtProj, outProj }) => [
        inProj,
        xProj,
        dtProj,
        outProj,
      ]);
  return [...new Set([weights.embedding, weights.head, ...inner])]
    .filter((matrix) => matrix.kind === 'int8')
    .sort((a, b) => b.values.byteOffset - a.values.byteOffset);
}

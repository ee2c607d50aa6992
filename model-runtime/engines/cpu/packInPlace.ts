import {
  isMamba2,
  type Matrix,
  type ModelWeights,
  type QuantizedMatrix,
} from '../../model/weights';
import type { CpuBuild } from './cpuBuild';
import { ALIGNMENT, type MemoryArea } from './memoryArea';
import {
  PACKED_ALIGNMENT,
  packScales,
  packValues,
  packedInt8,
  packedScalesSize,
  packedSize,
  type PackedMatrix,
} from './packMatrix';

/** The values or the scales of a matrix in the file. */
interface Piece {
  bytes: ArrayBufferView;
  packedBytes: number;
  pack: (place: number) => void;
}

/**
 * Packs the int8 matrices of a file that was read into `area` where they lie, so that nothing is held twice. That works when
 * their values and their scales stand together at the file's end, as the converter writes them, and the file is the last thing
 * allocated: each is moved up a little, to make room for the rows that fill up the last blocks of those below and for where they
 * have to begin. What they were is gone then. Answers what was packed, which is nothing where it does not work.
 */
export function packInPlace(
  weights: ModelWeights,
  area: MemoryArea,
  build: CpuBuild,
): ReadonlyMap<Matrix, PackedMatrix> {
  const matrices = quantizedMatrices(weights);
  const pieces = matrices
    .flatMap((matrix): Piece[] => [
      {
        bytes: matrix.values,
        packedBytes: packedSize(matrix),
        pack: (place) => packValues(matrix, area, build, place),
      },
      {
        bytes: matrix.scales,
        packedBytes: packedScalesSize(matrix),
        pack: (place) => packScales(matrix, area, place),
      },
    ])
    .sort((a, b) => b.bytes.byteOffset - a.bytes.byteOffset);
  // Going down, the end of one is the start of the one before.
  let start = area.allocate(0);
  let growth = 0;
  for (const [index, { bytes, packedBytes }] of pieces.entries()) {
    const gap = start - (bytes.byteOffset + bytes.byteLength);
    const isNext = index === 0 ? gap >= 0 && gap < ALIGNMENT : gap === 0;
    if (!area.holds(bytes) || !isNext) return new Map();
    start = bytes.byteOffset;
    growth += packedBytes - bytes.byteLength;
  }
  area.allocate(growth + pieces.length * PACKED_ALIGNMENT);
  let end = area.allocate(0);
  const places = new Map<ArrayBufferView, number>();
  for (const { bytes, packedBytes, pack } of pieces) {
    end -= packedBytes;
    end -= end % PACKED_ALIGNMENT;
    pack(end);
    places.set(bytes, end);
  }
  const placeOf = (bytes: ArrayBufferView) => places.get(bytes) ?? 0;
  return new Map(
    matrices.map((matrix) => [
      matrix,
      packedInt8(matrix, build, placeOf(matrix.values), placeOf(matrix.scales)),
    ]),
  );
}

/** Each once. */
function quantizedMatrices(weights: ModelWeights): QuantizedMatrix[] {
  const inner = isMamba2(weights)
    ? weights.layers.flatMap(({ inProj, outProj }) => [inProj, outProj])
    : weights.layers.flatMap(({ inProj, xProj, dtProj, outProj }) => [
        inProj,
        xProj,
        dtProj,
        outProj,
      ]);
  return [...new Set([weights.embedding, weights.head, ...inner])].filter(
    (matrix) => matrix.kind === 'int8',
  );
}

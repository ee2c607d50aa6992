import type { Mamba1Config, Mamba2Config } from './config';

/** Columns that share one scale. */
export const QUANTIZATION_BLOCK = 32;

/** `[rows, cols]` row-major int8; value = `values[r, c] * f16(scales[r, c / 32])`, exact in f32. */
export interface QuantizedMatrix {
  kind: 'int8';
  rows: number;
  cols: number;
  values: Int8Array;
  /** f16 bits, `[rows, cols / 32]`. */
  scales: Uint16Array;
}

/** `[rows, cols]` row-major. */
export interface DenseMatrix {
  kind: 'f32';
  rows: number;
  cols: number;
  values: Float32Array;
}

export type Matrix = QuantizedMatrix | DenseMatrix;

/** One Mamba-2 block. Shapes in the words of docs/glossary.md; C = dInner + 2 nGroups dState. */
export interface Mamba2Layer {
  /** `[dModel]` */
  norm: Float32Array;
  /** `[2 dInner + 2 nGroups dState + nHeads, dModel]`, rows z | x | B | C | dt. */
  inProj: Matrix;
  /** `[inProj.rows]` */
  inProjBias?: Float32Array;
  /** `[C, dConv]` */
  convWeight: Float32Array;
  /** `[C]` */
  convBias: Float32Array;
  /** `[nHeads]` */
  dtBias: Float32Array;
  /** `[nHeads]`; A = -exp(aLog). */
  aLog: Float32Array;
  /** `[nHeads]` */
  d: Float32Array;
  /** `[dInner]` */
  gatedNorm: Float32Array;
  /** `[dModel, dInner]` */
  outProj: Matrix;
  /** `[dModel]` */
  outProjBias?: Float32Array;
}

/** One Mamba-1 block. */
export interface Mamba1Layer {
  /** `[dModel]` */
  norm: Float32Array;
  /** `[2 dInner, dModel]`, rows x | z. */
  inProj: Matrix;
  /** `[2 dInner]` */
  inProjBias?: Float32Array;
  /** `[dInner, dConv]` */
  convWeight: Float32Array;
  /** `[dInner]` */
  convBias: Float32Array;
  /** `[dtRank + 2 dState, dInner]`, rows dt | B | C. */
  xProj: Matrix;
  /** `[dInner, dtRank]` */
  dtProj: Matrix;
  /** `[dInner]` */
  dtBias: Float32Array;
  /** `[dInner, dState]`; A = -exp(aLog). */
  aLog: Float32Array;
  /** `[dInner]` */
  d: Float32Array;
  /** `[dModel, dInner]` */
  outProj: Matrix;
  /** `[dModel]` */
  outProjBias?: Float32Array;
}

interface CommonWeights {
  /** `[vocabSize, dModel]` */
  embedding: Matrix;
  /** `[dModel]` */
  normF: Float32Array;
  /** `[vocabSize, dModel]`; the embedding itself when tied. */
  head: Matrix;
  parameters: number;
  sizeBytes: number;
}

export interface Mamba1Weights extends CommonWeights {
  config: Mamba1Config;
  layers: Mamba1Layer[];
}

export interface Mamba2Weights extends CommonWeights {
  config: Mamba2Config;
  layers: Mamba2Layer[];
}

/** All weights of a model, as views into the file's bytes. Immutable. */
export type ModelWeights = Mamba1Weights | Mamba2Weights;

export function isMamba2(weights: ModelWeights): weights is Mamba2Weights {
  return weights.config.architecture === 'mamba2';
}

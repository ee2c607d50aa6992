import { isMamba2, type Matrix, type ModelWeights } from '../model-runtime/model/weights';

/** What one decoded token cannot avoid moving through memory, in bytes. */
export interface TokenTraffic {
  /** Every weight once; of the embedding one row, unless it is the head too. */
  weightsBytes: number;
  /** The recurrent state in f32, read and written. */
  stateBytes: number;
}

export function tokenTraffic(weights: ModelWeights): TokenTraffic {
  const { config } = weights;
  const embeddingBytes = matrixBytes(weights.embedding);
  const unreadBytes = config.tieEmbeddings
    ? 0
    : embeddingBytes - embeddingBytes / weights.embedding.rows;
  const ssmNumbers = config.dInner * config.dState;
  const channels = isMamba2(weights)
    ? config.dInner + 2 * weights.config.nGroups * config.dState
    : config.dInner;
  const stateNumbers = config.nLayer * (ssmNumbers + (config.dConv - 1) * channels);
  return {
    weightsBytes: weights.sizeBytes - unreadBytes,
    stateBytes: 2 * stateNumbers * Float32Array.BYTES_PER_ELEMENT,
  };
}

function matrixBytes(matrix: Matrix): number {
  return matrix.values.byteLength + (matrix.kind === 'int8' ? matrix.scales.byteLength : 0);
}

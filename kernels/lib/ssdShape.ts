import type { Numbers } from './arrays';

/** Sizes of one chunked state-space-dual computation; the last chunk may be shorter. */
export interface SsdShape {
  seqLen: number;
  nHeads: number;
  headDim: number;
  nGroups: number;
  dState: number;
  chunkSize: number;
}

/** `x` [L, H, P], `dt` [L, H] after softplus, `B` and `C` [L, G, N]. */
export interface SsdInputs {
  x: Numbers;
  dt: Numbers;
  B: Numbers;
  C: Numbers;
}

export function chunkCount({ seqLen, chunkSize }: SsdShape): number {
  return Math.ceil(seqLen / chunkSize);
}

/** First token of a chunk and the first one after it. */
export function chunkRange(chunk: number, { seqLen, chunkSize }: SsdShape): [number, number] {
  return [chunk * chunkSize, Math.min((chunk + 1) * chunkSize, seqLen)];
}

/** Where the row of token `l` and head `k` starts in a `[L, G, N]` array: consecutive heads share a group. */
export function groupOffset(l: number, k: number, shape: SsdShape): number {
  const group = Math.floor((k * shape.nGroups) / shape.nHeads);
  return (l * shape.nGroups + group) * shape.dState;
}

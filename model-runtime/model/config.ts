/** Ids of the special tokens by role. */
export interface SpecialTokens {
  endOfText: number;
  fileSeparator: number;
  fimSuffix: number;
  fimMiddle: number;
}

interface CommonConfig {
  dModel: number;
  nLayer: number;
  vocabSize: number;
  dInner: number;
  dState: number;
  dConv: number;
  normEpsilon: number;
  tieEmbeddings: boolean;
  /** Whether `in_proj` and `out_proj` have biases. */
  hasProjectionBias: boolean;
  /** Named by the shipped model's `config.json`; other models name their tokens in the manifest (`promptDescription.ts`). */
  specialTokens?: SpecialTokens;
}

export interface Mamba1Config extends CommonConfig {
  architecture: 'mamba1';
  dtRank: number;
}

export interface Mamba2Config extends CommonConfig {
  architecture: 'mamba2';
  headDim: number;
  nHeads: number;
  nGroups: number;
  chunkSize: number;
  /** The gated norm normalises first and gates then; usually the other way round. */
  normBeforeGate: boolean;
  /** dt after softplus is clamped to these; usually 0 and Infinity. */
  dtLimit: readonly [min: number, max: number];
}

export type ModelConfig = Mamba1Config | Mamba2Config;

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
  specialTokens: SpecialTokens;
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
}

export type ModelConfig = Mamba1Config | Mamba2Config;

import type { ModelConfig } from './config';

/** `config.json` of a model folder, which `parseConfig` reads back as `config`. The same configuration gives the same text. */
export function writeConfig(config: ModelConfig): string {
  const { specialTokens: special } = config;
  const json = {
    d_model: config.dModel,
    n_layer: config.nLayer,
    vocab_size: config.vocabSize,
    ssm_cfg: {
      ...layerFields(config),
      d_state: config.dState,
      d_conv: config.dConv,
      expand: config.dInner / config.dModel,
      bias: config.hasProjectionBias,
    },
    rms_norm: true,
    norm_epsilon: config.normEpsilon,
    tie_embeddings: config.tieEmbeddings,
    ...(special === undefined
      ? {}
      : {
          special_tokens: {
            endoftext: special.endOfText,
            file_sep: special.fileSeparator,
            fim_suffix: special.fimSuffix,
            fim_middle: special.fimMiddle,
          },
        }),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function layerFields(config: ModelConfig) {
  if (config.architecture === 'mamba1') return { layer: 'Mamba1', dt_rank: config.dtRank };
  const [min, max] = config.dtLimit;
  return {
    layer: 'Mamba2',
    headdim: config.headDim,
    ngroups: config.nGroups,
    chunk_size: config.chunkSize,
    norm_before_gate: config.normBeforeGate,
    dt_limit: [min, max === Infinity ? null : max],
  };
}

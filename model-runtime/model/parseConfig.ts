import * as v from 'valibot';
import type { Mamba1Config, Mamba2Config, ModelConfig } from './config';
import { modelCorrupt, type FailWith } from './modelErrors';
import { parseJson } from './parseJson';

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24));
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0));

const commonFields = {
  bias: v.optional(v.boolean(), false),
  // A model without this bias gets one of zeros when it is imported.
  conv_bias: v.optional(v.literal(true)),
};
const stepLimit = v.pipe(v.number(), v.minValue(0));

const mamba1Schema = v.object({
  ...commonFields,
  layer: v.optional(v.literal('Mamba1'), 'Mamba1'),
  d_state: v.optional(size, 16),
  d_conv: v.optional(size, 4),
  expand: v.optional(size, 2),
  dt_rank: v.optional(v.union([v.literal('auto'), size]), 'auto'),
});

const mamba2Schema = v.object({
  ...commonFields,
  layer: v.literal('Mamba2'),
  d_state: v.optional(size, 128),
  d_conv: v.optional(size, 4),
  expand: v.optional(size, 2),
  headdim: v.optional(size, 64),
  ngroups: v.optional(size, 1),
  chunk_size: v.optional(size, 256),
  d_ssm: v.nullish(v.never()),
  /** `null`: no upper limit, which JSON cannot spell. */
  dt_limit: v.optional(v.tuple([stepLimit, v.nullable(stepLimit)]), [0, null]),
  D_has_hdim: v.optional(v.literal(false)),
  rmsnorm: v.optional(v.literal(true)),
  norm_before_gate: v.optional(v.boolean(), false),
});

const configSchema = v.object({
  d_model: size,
  n_layer: v.pipe(size, v.maxValue(4096)),
  vocab_size: size,
  pad_vocab_size_multiple: v.optional(size, 1),
  ssm_cfg: v.optional(v.union([mamba1Schema, mamba2Schema]), { layer: 'Mamba1' }),
  attn_layer_idx: v.optional(v.pipe(v.array(v.number()), v.maxLength(0))),
  d_intermediate: v.optional(v.literal(0)),
  rms_norm: v.optional(v.literal(true)),
  norm_epsilon: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1e-5),
  tie_embeddings: v.optional(v.boolean(), true),
  special_tokens: v.optional(
    v.object({
      endoftext: tokenId,
      file_sep: tokenId,
      fim_suffix: tokenId,
      fim_middle: tokenId,
    }),
  ),
});

/**
 * Reads `config.json`, in the words and with the defaults of state-spaces/mamba (`MambaConfig`, modules `Mamba` and
 * `Mamba2`), plus `special_tokens`: the ids of the infill markers of models whose manifest has no `prompt`. `file` is its
 * path for messages.
 * Errors: `modelCorrupt`, also for variants of the architecture that no engine implements.
 */
export function parseConfig(
  text: string,
  file: string,
  fail: FailWith = modelCorrupt,
): ModelConfig {
  const raw = parseJson(configSchema, text, file, fail);
  const { ssm_cfg: ssm, pad_vocab_size_multiple: multiple, special_tokens: special } = raw;
  const common = {
    dModel: raw.d_model,
    nLayer: raw.n_layer,
    vocabSize: Math.ceil(raw.vocab_size / multiple) * multiple,
    dInner: ssm.expand * raw.d_model,
    dState: ssm.d_state,
    dConv: ssm.d_conv,
    normEpsilon: raw.norm_epsilon,
    tieEmbeddings: raw.tie_embeddings,
    hasProjectionBias: ssm.bias,
    ...(special === undefined
      ? {}
      : {
          specialTokens: {
            endOfText: special.endoftext,
            fileSeparator: special.file_sep,
            fimSuffix: special.fim_suffix,
            fimMiddle: special.fim_middle,
          },
        }),
  };
  if (Object.values(common.specialTokens ?? {}).some((id) => id >= common.vocabSize)) {
    throw fail(file, 'a special token lies outside the vocabulary');
  }
  if (ssm.layer === 'Mamba1') {
    const dtRank = ssm.dt_rank === 'auto' ? Math.ceil(raw.d_model / 16) : ssm.dt_rank;
    return { ...common, architecture: 'mamba1', dtRank } satisfies Mamba1Config;
  }
  const nHeads = common.dInner / ssm.headdim;
  if (!Number.isInteger(nHeads) || nHeads % ssm.ngroups !== 0) {
    throw fail(file, 'its heads do not divide the inner width, or its groups the heads');
  }
  return {
    ...common,
    architecture: 'mamba2',
    headDim: ssm.headdim,
    nHeads,
    nGroups: ssm.ngroups,
    chunkSize: ssm.chunk_size,
    normBeforeGate: ssm.norm_before_gate,
    dtLimit: [ssm.dt_limit[0], ssm.dt_limit[1] ?? Infinity],
  } satisfies Mamba2Config;
}

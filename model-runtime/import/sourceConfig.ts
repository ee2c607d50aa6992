import * as v from 'valibot';
import type { ModelConfig } from '../model/config';
import { cannotImport } from '../model/modelErrors';
import { parseConfig } from '../model/parseConfig';
import { parseJson } from '../model/parseJson';
import { asJson } from './pythonJson';

/** What a checkpoint's `config.json` says, and what only its tensors can tell. */
export interface SourceConfig {
  config: ModelConfig;
  /** Absent: tied when the checkpoint has no head of its own. */
  isTied: boolean | undefined;
  hasConvBias: boolean;
  /** Rows that the embedding may have: the vocabulary, or filled up to a multiple. */
  vocabSizes: readonly number[];
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const flag = (usual: boolean) => v.optional(v.boolean(), usual);

const common = {
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  expand: v.optional(v.number(), 2),
  conv_kernel: v.optional(count, 4),
  layer_norm_epsilon: v.optional(v.number(), 1e-5),
  hidden_act: v.optional(v.picklist(['silu', 'swish']), 'silu'),
  use_bias: flag(false),
  use_conv_bias: flag(true),
  tie_word_embeddings: v.optional(v.boolean()),
};

/** Fields and defaults of transformers' `MambaConfig`. */
const mambaSchema = v.object({
  ...common,
  model_type: v.literal('mamba'),
  state_size: v.optional(count, 16),
  time_step_rank: v.optional(v.union([v.literal('auto'), count]), 'auto'),
});

/**
 * Fields and defaults of transformers' `Mamba2Config`. Its `norm_before_gate` is left out on purpose: transformers gates first
 * whatever it says, and Codestral's configuration says true by mistake (huggingface/transformers#32686).
 */
const mamba2Schema = v.object({
  ...common,
  model_type: v.literal('mamba2'),
  state_size: v.optional(count, 128),
  num_heads: v.optional(count, 128),
  head_dim: v.optional(count, 64),
  n_groups: v.optional(count, 8),
  chunk_size: v.optional(count, 256),
  time_step_limit: v.optional(v.tuple([v.number(), v.number()]), [0, Infinity]),
});

const transformersSchema = v.variant('model_type', [mambaSchema, mamba2Schema]);

/** What decides which of the two dialects a file is written in, and what state-spaces/mamba alone says. */
const dialectSchema = v.looseObject({
  hidden_size: v.optional(v.unknown()),
  vocab_size: v.optional(count),
  tie_embeddings: v.optional(v.boolean(), true),
  ssm_cfg: v.optional(v.looseObject({ conv_bias: flag(true) }), {}),
});

/**
 * Reads `config.json` as state-spaces/mamba or as transformers writes it; the latter has a `hidden_size`. `file` is its path
 * for messages. Errors: `modelCorrupt`, also for architectures and variants that no engine implements.
 */
export function readSourceConfig(pythonText: string, file: string): SourceConfig {
  const text = asJson(pythonText);
  const raw = parseJson(dialectSchema, text, file, cannotImport);
  return raw.hidden_size === undefined ? fromMambaSsm(raw, file) : fromTransformers(text, file);
}

function fromMambaSsm(raw: v.InferOutput<typeof dialectSchema>, file: string): SourceConfig {
  const { dt_limit: limit, ...ssm } = { dt_limit: undefined, ...raw.ssm_cfg };
  const config = parse(
    {
      ...raw,
      ssm_cfg: {
        ...ssm,
        conv_bias: true,
        ...(Array.isArray(limit) ? { dt_limit: finite(limit) } : {}),
      },
    },
    file,
  );
  return {
    config,
    isTied: raw.tie_embeddings,
    hasConvBias: raw.ssm_cfg.conv_bias,
    vocabSizes: [config.vocabSize, raw.vocab_size ?? config.vocabSize],
  };
}

function fromTransformers(text: string, file: string): SourceConfig {
  const raw = parseJson(transformersSchema, text, file, cannotImport);
  const layer =
    raw.model_type === 'mamba'
      ? { layer: 'Mamba1', dt_rank: raw.time_step_rank }
      : {
          layer: 'Mamba2',
          headdim: raw.head_dim,
          ngroups: raw.n_groups,
          chunk_size: raw.chunk_size,
          dt_limit: finite(raw.time_step_limit),
        };
  const config = parse(
    {
      d_model: raw.hidden_size,
      n_layer: raw.num_hidden_layers,
      vocab_size: raw.vocab_size,
      norm_epsilon: raw.layer_norm_epsilon,
      ssm_cfg: {
        ...layer,
        d_state: raw.state_size,
        d_conv: raw.conv_kernel,
        expand: raw.expand,
        bias: raw.use_bias,
      },
    },
    file,
  );
  if (raw.model_type === 'mamba2' && raw.num_heads * raw.head_dim !== config.dInner) {
    throw cannotImport(file, 'its num_heads and head_dim do not make up the inner width');
  }
  return {
    config,
    isTied: raw.tie_word_embeddings,
    hasConvBias: raw.use_conv_bias,
    vocabSizes: [config.vocabSize],
  };
}

function parse(json: object, file: string): ModelConfig {
  return parseConfig(JSON.stringify(json), file, cannotImport);
}

/** JSON has no infinity. */
function finite(limits: readonly unknown[]): unknown[] {
  return limits.map((limit) => (limit === Infinity ? null : limit));
}

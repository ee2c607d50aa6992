import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeModel } from '../../bench/gguf/writeModel';
import type { GgmlType } from '../../bench/gguf/ggmlTypes';
import { decodeFloat16, encodeFloat16 } from '../../kernels/lib/float16';
import { buildWeights } from '../../model-runtime/model/buildWeights';
import type { ModelConfig } from '../../model-runtime/model/config';
import type { Tensor } from '../../model-runtime/model/safetensors';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { writeConfig } from '../../model-runtime/model/writeConfig';
import { TOKENIZER_JSON } from './modelFolder';
import { randomModel, randomSourceTensors } from './randomModel';
import { writeSafetensors, type OutputTensor } from './safetensorsWriter';

export type FloatType = 'F32' | 'F16' | 'BF16';

export interface CheckpointForm {
  dialect: 'mamba_ssm' | 'transformers';
  dtype: FloatType;
  /** Files that the tensors are spread over, with an index; otherwise one file without. */
  shards?: number;
}

/** A random model as it is published; the same seed gives the weights of `randomSourceTensors`, rounded to the type. */
export async function writeCheckpoint(
  folder: string,
  config: ModelConfig,
  seed: number,
  { dialect, dtype, shards }: CheckpointForm,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = dialect === 'mamba_ssm' ? mambaSsmConfig(config) : transformersConfig(config);
  await writeFile(path.join(folder, 'config.json'), json);
  await writeFile(path.join(folder, 'tokenizer.json'), TOKENIZER_JSON);
  const tensors = randomSourceTensors(config, seed).map((tensor) => ({
    ...inType(tensor, dtype),
    name: dialect === 'transformers' ? tensor.name.replace('embedding', 'embeddings') : tensor.name,
  }));
  if (shards === undefined) {
    await writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
    return;
  }
  const shardOf = (i: number) => `model-${(i % shards) + 1}-of-${shards}.safetensors`;
  for (let shard = 0; shard < shards; shard++) {
    const own = tensors.filter((_, i) => i % shards === shard);
    await writeSafetensors(path.join(folder, shardOf(shard)), own);
  }
  const index = {
    weight_map: Object.fromEntries(tensors.map(({ name }, i) => [name, shardOf(i)])),
  };
  await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
}

/** The same model as a GGUF file of one type of matrices. For Q8_0 they are quantized as the product does. */
export async function writeGguf(
  file: string,
  config: ModelConfig,
  seed: number,
  type: GgmlType,
): Promise<void> {
  const weights = type === 'Q8_0' ? randomModel(config, seed) : floatModel(config, seed, 'F32');
  const model = { name: 'Tiny Mamba', weights, tokenizerJson: TOKENIZER_JSON };
  await writeFile(file, Buffer.concat([...encodeModel(model, type)]));
}

/** The random model with every number rounded to a type, nothing quantized. */
export function floatModel(config: ModelConfig, seed: number, dtype: FloatType): ModelWeights {
  const tensors = new Map<string, Tensor>(
    randomSourceTensors(config, seed).map(({ name, shape, values }) => {
      const rounded = values.map((value) => toFloat(toBits(value, dtype), dtype));
      return [name, { dtype: 'F32', shape, bytes: new Uint8Array(rounded.buffer) }];
    }),
  );
  return buildWeights(config, tensors, 'random model');
}

function inType(
  tensor: OutputTensor & { values: Float32Array<ArrayBuffer> },
  dtype: FloatType,
): OutputTensor {
  if (dtype === 'F32') return tensor;
  return { ...tensor, dtype, values: Uint16Array.from(tensor.values, (v) => toBits(v, dtype)) };
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function toBits(value: number, dtype: FloatType): number {
  if (dtype === 'F16') return encodeFloat16(value);
  float[0] = value;
  // Cut off rather than rounded: what matters here is that the reader takes the same number.
  return dtype === 'BF16' ? word[0] >>> 16 : word[0];
}

function toFloat(bits: number, dtype: FloatType): number {
  if (dtype === 'F16') return decodeFloat16(bits);
  word[0] = dtype === 'BF16' ? bits << 16 : bits;
  return float[0];
}

/** The product's own configuration is in these words; its special tokens are not. */
function mambaSsmConfig(config: ModelConfig): string {
  const json = JSON.parse(writeConfig(config)) as Record<string, unknown>;
  const more = { special_tokens: undefined, residual_in_fp32: true, fused_add_norm: true };
  return JSON.stringify({ ...json, ...more });
}

/** As Python writes it: infinities are not JSON. */
function transformersConfig(config: ModelConfig): string {
  const common = {
    vocab_size: config.vocabSize,
    hidden_size: config.dModel,
    num_hidden_layers: config.nLayer,
    expand: config.dInner / config.dModel,
    conv_kernel: config.dConv,
    state_size: config.dState,
    layer_norm_epsilon: config.normEpsilon,
    use_bias: config.hasProjectionBias,
    use_conv_bias: true,
    hidden_act: 'silu',
    rms_norm: true,
    tie_word_embeddings: config.tieEmbeddings,
  };
  if (config.architecture === 'mamba1') {
    return JSON.stringify({ ...common, model_type: 'mamba', time_step_rank: config.dtRank });
  }
  const [min, max] = config.dtLimit;
  const json = {
    ...common,
    model_type: 'mamba2',
    num_heads: config.nHeads,
    head_dim: config.headDim,
    n_groups: config.nGroups,
    chunk_size: config.chunkSize,
    // As in Codestral's configuration; transformers gates first all the same.
    norm_before_gate: true,
    time_step_limit: [min, max === Infinity ? 'LIMIT' : max],
  };
  return JSON.stringify(json).replace('"LIMIT"', 'Infinity');
}

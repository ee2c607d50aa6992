import { quantize } from '../../model-runtime/model/quantize';
import { encodeF32, encodeQ8 } from './ggmlTypes';
import type { GgufTensor, GgufValue } from './ggufFile';

/** Shape of a transformer of llama's kind: rotary positions, grouped-query attention, gated feed-forward layers, tied head. */
export interface TransformerConfig {
  dModel: number;
  nLayer: number;
  vocabSize: number;
  heads: number;
  /** Heads of keys and values, each shared by `heads / kvHeads` heads of queries. */
  kvHeads: number;
  headDim: number;
  feedForward: number;
}

const CONTEXT_LENGTH = 1 << 20;
const ROPE_BASE = 500_000;
const NORM_EPSILON = 1e-5;

export function transformerParameters(config: TransformerConfig): number {
  return layout(config).reduce((sum, [, cols, rows]) => sum + cols * rows, 0);
}

/** Bytes of keys and values in f16, which grow with every token. */
export function keyValueBytes(config: TransformerConfig, tokens: number): number {
  return 2 * config.nLayer * config.kvHeads * config.headDim * 2 * tokens;
}

/** What llama.cpp reads about the shape of a `llama` model (llama-arch.cpp, llama-model.cpp). */
export function transformerMetadata(
  name: string,
  config: TransformerConfig,
): Map<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const float32 = (value: number): GgufValue => ({ type: 'float32', value });
  return new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['general.name', { type: 'string', value: name }],
    // Q8_0, as llama.h counts.
    ['general.file_type', uint32(7)],
    ['general.quantization_version', uint32(2)],
    ['llama.context_length', uint32(CONTEXT_LENGTH)],
    ['llama.embedding_length', uint32(config.dModel)],
    ['llama.block_count', uint32(config.nLayer)],
    ['llama.feed_forward_length', uint32(config.feedForward)],
    ['llama.attention.head_count', uint32(config.heads)],
    ['llama.attention.head_count_kv', uint32(config.kvHeads)],
    ['llama.attention.layer_norm_rms_epsilon', float32(NORM_EPSILON)],
    ['llama.rope.dimension_count', uint32(config.headDim)],
    ['llama.rope.freq_base', float32(ROPE_BASE)],
    ['llama.vocab_size', uint32(config.vocabSize)],
  ]);
}

/** Tensors with uniform random weights of variance 1/cols, matrices in Q8_0. `random` gives numbers in [0, 1). */
export function transformerTensors(config: TransformerConfig, random: () => number): GgufTensor[] {
  return layout(config).map(([name, cols, rows]) =>
    rows === 1
      ? {
          name,
          dimensions: [cols],
          type: 'F32',
          encode: () => encodeF32(new Float32Array(cols).fill(1)),
        }
      : {
          name,
          dimensions: [cols, rows],
          type: 'Q8_0',
          encode: () => encodeRandomQ8(cols, rows, random),
        },
  );
}

/** Name, columns and rows of every tensor; vectors have one row. Source: llama.cpp's gguf-py, MODEL_ARCH.LLAMA. */
function layout(config: TransformerConfig): [name: string, cols: number, rows: number][] {
  const { dModel, nLayer, vocabSize, heads, kvHeads, headDim, feedForward } = config;
  const blocks = Array.from({ length: nLayer }, (_, i): [string, number, number][] => [
    [`blk.${i}.attn_norm.weight`, dModel, 1],
    [`blk.${i}.attn_q.weight`, dModel, heads * headDim],
    [`blk.${i}.attn_k.weight`, dModel, kvHeads * headDim],
    [`blk.${i}.attn_v.weight`, dModel, kvHeads * headDim],
    [`blk.${i}.attn_output.weight`, heads * headDim, dModel],
    [`blk.${i}.ffn_norm.weight`, dModel, 1],
    [`blk.${i}.ffn_gate.weight`, dModel, feedForward],
    [`blk.${i}.ffn_up.weight`, dModel, feedForward],
    [`blk.${i}.ffn_down.weight`, feedForward, dModel],
  ]);
  return [
    ['token_embd.weight', dModel, vocabSize],
    ['output_norm.weight', dModel, 1],
    ...blocks.flat(),
  ];
}

function encodeRandomQ8(cols: number, rows: number, random: () => number): Uint8Array {
  const limit = Math.sqrt(3 / cols);
  const values = new Float32Array(rows * cols);
  for (let i = 0; i < values.length; i++) values[i] = limit * (2 * random() - 1);
  return encodeQ8(quantize(values, rows, cols));
}

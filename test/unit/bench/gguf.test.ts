import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../../bench/gguf/writeModel';
import { decodeFloat16 } from '../../../kernels/lib/float16';
import type {
  Mamba1Weights,
  Mamba2Weights,
  ModelWeights,
  QuantizedMatrix,
} from '../../../model-runtime/model/weights';
import { readGguf, type ReadTensor } from './ggufReader';

const F32 = 0;
const Q8_0 = 8;

/** Numbers that differ everywhere, so that a value in the wrong place is seen. */
function vector(length: number, start: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => start + index / 64);
}

function matrix(rows: number, cols: number, seed: number): QuantizedMatrix {
  return {
    kind: 'int8',
    rows,
    cols,
    values: Int8Array.from({ length: rows * cols }, (_, index) => ((index * 7 + seed) % 255) - 127),
    // Scales from 2^-10 on, all with different significands.
    scales: Uint16Array.from({ length: (rows * cols) / 32 }, (_, index) => 0x1400 + index + seed),
  };
}

const common = {
  dModel: 32,
  nLayer: 1,
  vocabSize: 5,
  dInner: 64,
  dState: 8,
  dConv: 4,
  normEpsilon: 1e-5,
  tieEmbeddings: true,
  hasProjectionBias: false,
  specialTokens: { endOfText: 0, fileSeparator: 1, fimSuffix: 2, fimMiddle: 3 },
};

function mamba2Weights(): Mamba2Weights {
  const embedding = matrix(common.vocabSize, common.dModel, 1);
  const channels = common.dInner + 2 * common.dState;
  return {
    config: {
      ...common,
      architecture: 'mamba2',
      headDim: 32,
      nHeads: 2,
      nGroups: 1,
      chunkSize: 64,
      normBeforeGate: false,
      dtLimit: [0, Infinity],
    },
    embedding,
    head: embedding,
    normF: vector(common.dModel, 1),
    parameters: 0,
    sizeBytes: 0,
    layers: [
      {
        norm: vector(common.dModel, 2),
        inProj: matrix(common.dInner + channels + 2, common.dModel, 3),
        convWeight: vector(channels * common.dConv, 4),
        convBias: vector(channels, 5),
        dtBias: vector(2, 6),
        aLog: Float32Array.of(0, 1),
        d: vector(2, 7),
        gatedNorm: vector(common.dInner, 8),
        outProj: matrix(common.dModel, common.dInner, 9),
      },
    ],
  };
}

function mamba1Weights(): Mamba1Weights {
  const { dModel, dInner, dState, vocabSize } = common;
  return {
    config: { ...common, tieEmbeddings: false, architecture: 'mamba1', dtRank: 2 },
    embedding: matrix(vocabSize, dModel, 1),
    head: matrix(vocabSize, dModel, 2),
    normF: vector(dModel, 1),
    parameters: 0,
    sizeBytes: 0,
    layers: [
      {
        norm: vector(dModel, 2),
        inProj: matrix(2 * dInner, dModel, 3),
        convWeight: vector(dInner * common.dConv, 4),
        convBias: vector(dInner, 5),
        xProj: matrix(2 + 2 * dState, dInner, 6),
        dtProj: { kind: 'f32', rows: dInner, cols: 2, values: vector(dInner * 2, 7) },
        dtBias: vector(dInner, 8),
        aLog: vector(dInner * dState, 0),
        d: vector(dInner, 9),
        outProj: matrix(dModel, dInner, 10),
      },
    ],
  };
}

const tokenizerJson = JSON.stringify({
  model: { type: 'BPE', vocab: { a: 2, Ġ: 3, aĠ: 4 }, merges: [['a', 'Ġ']] },
  added_tokens: [{ id: 0, content: '<|endoftext|>', special: true }],
});

function write(weights: ModelWeights, type: 'F32' | 'Q8_0') {
  const model = { name: 'Tiny', weights, tokenizerJson };
  return readGguf(Buffer.concat([...encodeModel(model, type)]));
}

function floats({ bytes }: ReadTensor): number[] {
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}

function blocks({ bytes }: ReadTensor): { scales: number[]; values: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const scales: number[] = [];
  const values: number[] = [];
  for (let start = 0; start < bytes.length; start += 34) {
    scales.push(view.getUint16(start, true));
    for (let index = 2; index < 34; index++) values.push(view.getInt8(start + index));
  }
  return { scales, values };
}

describe('GGUF of a Mamba-2 model', () => {
  it('keeps every int8 and every scale of a matrix bit for bit in Q8_0', () => {
    const weights = mamba2Weights();
    const tensor = write(weights, 'Q8_0').tensors.get('blk.0.ssm_in.weight');
    const { inProj } = weights.layers[0];
    expect(tensor).toMatchObject({ type: Q8_0, dimensions: [inProj.cols, inProj.rows] });
    expect(blocks(tensor as ReadTensor)).toEqual({
      scales: [...(inProj as QuantizedMatrix).scales],
      values: [...inProj.values],
    });
  });

  it('multiplies a matrix out exactly in F32', () => {
    const weights = mamba2Weights();
    const { outProj } = weights.layers[0];
    const tensor = write(weights, 'F32').tensors.get('blk.0.ssm_out.weight');
    const { scales, values } = outProj as QuantizedMatrix;
    expect(tensor?.type).toBe(F32);
    // In f64 the product of an int8 and an f16 is exact, so equality says that f32 lost nothing.
    expect(floats(tensor as ReadTensor)).toEqual(
      [...values].map((value, index) => value * decodeFloat16(scales[Math.floor(index / 32)])),
    );
  });

  it('holds the vectors under the names and in the shapes that llama.cpp reads', () => {
    const { tensors } = write(mamba2Weights(), 'Q8_0');
    const shapes = [...tensors].map(([name, { dimensions, type }]) => [name, type, ...dimensions]);
    expect(shapes).toEqual([
      ['token_embd.weight', Q8_0, 32, 5],
      ['output_norm.weight', F32, 32],
      ['blk.0.attn_norm.weight', F32, 32],
      ['blk.0.ssm_in.weight', Q8_0, 32, 146],
      ['blk.0.ssm_out.weight', Q8_0, 64, 32],
      ['blk.0.ssm_conv1d.weight', F32, 4, 80],
      ['blk.0.ssm_conv1d.bias', F32, 80],
      ['blk.0.ssm_dt.bias', F32, 2],
      ['blk.0.ssm_a', F32, 1, 2],
      ['blk.0.ssm_d', F32, 1, 2],
      ['blk.0.ssm_norm.weight', F32, 64, 1],
    ]);
    expect(floats(tensors.get('blk.0.ssm_a') as ReadTensor)).toEqual([-1, Math.fround(-Math.E)]);
    expect(floats(tensors.get('blk.0.ssm_conv1d.weight') as ReadTensor)).toEqual([
      ...mamba2Weights().layers[0].convWeight,
    ]);
  });

  it('describes the model and its vocabulary', () => {
    const { version, metadata } = write(mamba2Weights(), 'Q8_0');
    expect(version).toBe(3);
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.architecture': 'mamba2',
      'general.file_type': 7,
      'mamba2.embedding_length': 32,
      'mamba2.block_count': 1,
      'mamba2.ssm.inner_size': 64,
      'mamba2.ssm.state_size': 8,
      'mamba2.ssm.time_step_rank': 2,
      'mamba2.ssm.group_count': 1,
      'mamba2.attention.layer_norm_rms_epsilon': Math.fround(1e-5),
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.tokens': ['<|endoftext|>', '<unused1>', 'a', 'Ġ', 'aĠ'],
      'tokenizer.ggml.token_type': [3, 5, 1, 1, 1],
      'tokenizer.ggml.merges': ['a Ġ'],
      'tokenizer.ggml.add_bos_token': false,
    });
  });
});

describe('GGUF of a Mamba-1 model', () => {
  it('has an output matrix of its own when the head is not tied', () => {
    const weights = mamba1Weights();
    const output = write(weights, 'Q8_0').tensors.get('output.weight');
    expect(blocks(output as ReadTensor).values).toEqual([...weights.head.values]);
  });

  it('stores A per channel and leaves matrices that were never quantized in F32', () => {
    const weights = mamba1Weights();
    const { metadata, tensors } = write(weights, 'Q8_0');
    expect(metadata.get('general.architecture')).toBe('mamba');
    expect(metadata.get('mamba.ssm.time_step_rank')).toBe(2);
    expect(tensors.get('blk.0.ssm_a')?.dimensions).toEqual([8, 64]);
    expect(tensors.get('blk.0.ssm_x.weight')?.type).toBe(Q8_0);
    const dtProj = tensors.get('blk.0.ssm_dt.weight');
    expect(dtProj).toMatchObject({ type: F32, dimensions: [2, 64] });
    expect(floats(dtProj as ReadTensor)).toEqual([...weights.layers[0].dtProj.values]);
  });
});

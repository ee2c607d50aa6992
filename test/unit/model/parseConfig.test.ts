import { expect, test } from 'vitest';
import { parseConfig } from '../../../model-runtime/model/parseConfig';
import { smallMamba1, smallMamba2 } from '../../support/randomModel';
import { writeConfig } from '../../../model-runtime/model/writeConfig';

const special_tokens = { endoftext: 0, file_sep: 1, fim_suffix: 2, fim_middle: 3 };
const parse = (config: object) =>
  parseConfig(JSON.stringify({ special_tokens, ...config }), 'config.json');

test.each([
  smallMamba1(),
  smallMamba1({ hasProjectionBias: true }),
  smallMamba2(),
  smallMamba2({ tieEmbeddings: false, dConv: 3 }),
  smallMamba2({ normBeforeGate: true, dtLimit: [0.001, 0.1] }),
])('reads what is written for $architecture', (config) => {
  expect(parseConfig(writeConfig(config), 'config.json')).toEqual(config);
});

test("fills in upstream's defaults of Mamba-1, with the vocabulary padded", () => {
  const config = parse({
    d_model: 768,
    n_layer: 24,
    vocab_size: 50277,
    ssm_cfg: {},
    rms_norm: true,
    residual_in_fp32: true,
    fused_add_norm: true,
    pad_vocab_size_multiple: 8,
  });
  expect(config).toMatchObject({
    architecture: 'mamba1',
    vocabSize: 50280,
    dInner: 1536,
    dState: 16,
    dConv: 4,
    dtRank: 48,
    normEpsilon: 1e-5,
    tieEmbeddings: true,
  });
});

test("fills in upstream's defaults of Mamba-2", () => {
  const config = parse({
    d_model: 768,
    n_layer: 24,
    vocab_size: 50277,
    ssm_cfg: { layer: 'Mamba2' },
    attn_layer_idx: [],
    pad_vocab_size_multiple: 16,
  });
  expect(config).toMatchObject({
    architecture: 'mamba2',
    vocabSize: 50288,
    dState: 128,
    headDim: 64,
    nHeads: 24,
    nGroups: 1,
    chunkSize: 256,
  });
});

const base = { d_model: 64, n_layer: 2, vocab_size: 100 };
test.each<[string, object, RegExp]>([
  ['a missing size', { n_layer: 2, vocab_size: 100 }, /d_model/],
  ['a size of zero', { ...base, n_layer: 0 }, /n_layer/],
  ['an unknown layer', { ...base, ssm_cfg: { layer: 'Mamba3' } }, /ssm_cfg/],
  ['attention layers', { ...base, attn_layer_idx: [3] }, /attn_layer_idx/],
  ['feed-forward layers', { ...base, d_intermediate: 128 }, /d_intermediate/],
  ['a layer norm', { ...base, rms_norm: false }, /rms_norm/],
  ['heads that do not fit', { ...base, ssm_cfg: { layer: 'Mamba2', headdim: 48 } }, /heads/],
  ['groups that do not fit', { ...base, ssm_cfg: { layer: 'Mamba2', ngroups: 3 } }, /groups/],
  ['a convolution without bias', { ...base, ssm_cfg: { conv_bias: false } }, /ssm_cfg/],
  [
    'a special token outside the vocabulary',
    { ...base, special_tokens: { ...special_tokens, fim_middle: 100 } },
    /outside the vocabulary/,
  ],
])('refuses %s', (_name, config, message) => {
  expect(() => parse(config)).toThrow(
    expect.objectContaining({
      code: 'modelCorrupt',
      message: expect.stringMatching(message) as string,
    }),
  );
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readSourceConfig } from '../../../model-runtime/import/sourceConfig';
import { elementsOf, neededMemoryBytes } from '../../../model-runtime/model/memoryNeed';
import { EMBEDDING, tensorLayouts } from '../../../model-runtime/model/tensorLayout';

const folder = path.resolve(__dirname, '../../fixtures/published-configs');
const read = (name: string) =>
  readSourceConfig(readFileSync(path.join(folder, `${name}.json`), 'utf8'), name);

/** Parameters, exact where they were published so, else as the name says; shapes of the first block. */
const published: [string, number, Record<string, number[]>][] = [
  ['mamba-130m', 129_135_360, { 'in_proj.weight': [3072, 768], 'x_proj.weight': [80, 1536] }],
  ['mamba-370m', 371_516_416, { 'in_proj.weight': [4096, 1024], A_log: [2048, 16] }],
  ['mamba-790m', 793_204_224, { 'out_proj.weight': [1536, 3072], 'dt_proj.weight': [3072, 96] }],
  ['mamba-1.4b', 1_372_178_432, { 'conv1d.weight': [4096, 1, 4], 'x_proj.weight': [160, 4096] }],
  ['mamba-2.8b', 2_768_345_600, { 'in_proj.weight': [10240, 2560], D: [5120] }],
  ['mamba-130m-hf', 129_135_360, { 'in_proj.weight': [3072, 768], 'dt_proj.bias': [1536] }],
  ['mamba-2.8b-hf', 2_768_345_600, { 'in_proj.weight': [10240, 2560], A_log: [5120, 16] }],
  ['mamba2-130m', 130e6, { 'in_proj.weight': [3352, 768], 'norm.weight': [1536] }],
  ['mamba2-370m', 370e6, { 'in_proj.weight': [4384, 1024], dt_bias: [32] }],
  ['mamba2-780m', 780e6, { 'in_proj.weight': [6448, 1536], A_log: [48] }],
  ['mamba2-1.3b', 1.3e9, { 'in_proj.weight': [8512, 2048], 'conv1d.weight': [4352, 1, 4] }],
  ['mamba2-2.7b', 2.7e9, { 'in_proj.weight': [10576, 2560], D: [80] }],
  [
    'codestral-mamba-7b',
    7_285_403_648,
    { 'in_proj.weight': [18560, 4096], 'conv1d.bias': [10240], 'norm.weight': [8192] },
  ],
];

test.each(published)(
  '%s has the parameters and shapes that were published',
  (name, parameters, shapes) => {
    const source = read(name);
    const layouts = tensorLayouts({ ...source.config, tieEmbeddings: source.isTied ?? true });
    const first = Object.fromEntries(
      layouts
        .filter((layout) => layout.name.startsWith('backbone.layers.0.mixer.'))
        .map((layout) => [layout.name.replace('backbone.layers.0.mixer.', ''), layout.shape]),
    );
    expect(first).toMatchObject(shapes);
    expect(layouts.reduce((sum, layout) => sum + elementsOf(layout), 0)).toSatisfy(
      (count: number) =>
        parameters % 1e6 === 0 ? Math.abs(count / parameters - 1) < 0.04 : count === parameters,
    );
  },
);

test('fills the vocabulary up to the multiple that state-spaces/mamba pads to', () => {
  expect(tensorLayouts(read('mamba-130m').config)[0]).toMatchObject({
    name: EMBEDDING,
    shape: [50280, 768],
  });
  expect(read('mamba2-130m').vocabSizes).toEqual([50288, 50277]);
});

test('Codestral gates before its norm, whatever its configuration says, and has no limit of steps', () => {
  const { config, isTied } = read('codestral-mamba-7b');
  expect(isTied).toBe(false);
  expect(config).toMatchObject({
    nGroups: 8,
    nHeads: 128,
    normBeforeGate: false,
    dtLimit: [0, Infinity],
  });
});

test('says how much memory the largest of them needs', () => {
  const { config } = read('codestral-mamba-7b');
  const untied = { ...config, tieEmbeddings: false };
  // The cpu engine cannot hold it in either form, so it is onnxruntime's need.
  expect(neededMemoryBytes(untied, 'int8') / 1e9).toBeCloseTo(26.6, 0);
  expect(neededMemoryBytes(untied, 'int4')).toBe(neededMemoryBytes(untied, 'int8'));
});

const hf = { hidden_size: 64, num_hidden_layers: 2, vocab_size: 100 };
test.each<[string, object, RegExp]>([
  ['another architecture', { ...hf, model_type: 'falcon_mamba' }, /model_type/],
  [
    'heads that do not fit',
    { ...hf, model_type: 'mamba2', num_heads: 3, head_dim: 16, n_groups: 1 },
    /num_heads/,
  ],
  ['another activation', { ...hf, model_type: 'mamba', hidden_act: 'gelu' }, /hidden_act/],
  [
    'attention layers',
    { d_model: 64, n_layer: 2, vocab_size: 9, attn_layer_idx: [1] },
    /attn_layer_idx/,
  ],
  [
    'a part of the width without state',
    { d_model: 64, n_layer: 2, vocab_size: 9, ssm_cfg: { layer: 'Mamba2', d_ssm: 64 } },
    /ssm_cfg/,
  ],
  ['no sizes', {}, /d_model/],
])('refuses %s', (_name, config, problem) => {
  expect(() => readSourceConfig(JSON.stringify(config), 'config.json')).toThrow(
    expect.objectContaining({
      code: 'modelCorrupt',
      message: expect.stringMatching(problem) as string,
    }),
  );
});

test('reads the numbers that Python writes and JSON does not have, and leaves texts alone', () => {
  const text =
    '{"model_type": "mamba2", "hidden_size": 64, "num_hidden_layers": 1, "vocab_size": 9, "num_heads": 8, "head_dim": 16, ' +
    '"n_groups": 1, "time_step_limit": [0.5, Infinity], "note": "Infinity \\" NaN", "x": NaN, "y": -Infinity}';
  expect(readSourceConfig(text, 'x').config).toMatchObject({
    dtLimit: [0.5, Infinity],
    dInner: 128,
  });
});

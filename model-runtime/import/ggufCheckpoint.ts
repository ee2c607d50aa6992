import { basename, dirname, join } from 'node:path';
import { cannotImport } from '../model/modelErrors';
import { parseConfig } from '../model/parseConfig';
import { EMBEDDING, HEAD, NORM_F, layerPrefix } from '../model/tensorLayout';
import { QUANTIZATION_BLOCK } from '../model/weights';
import type { Checkpoint, SourceDtype, SourceTensor } from './checkpoint';
import { readGgufHeader, type GgufHeader, type GgufTensor, type GgufValue } from './ggufHeader';
import { tokenizerFromGguf } from './ggufTokenizer';
import type { SourceConfig } from './sourceConfig';
import { openSource, readTextIfPresent } from './sourceFiles';

/** `ggml_type` to ours. Source: ggml.h. */
const DTYPES: Readonly<Record<number, SourceDtype>> = { 0: 'F32', 1: 'F16', 8: 'Q8_0', 30: 'BF16' };

/** Names within a block, after `blk.N.`. Source: llama.cpp's conversion/mamba.py and gguf-py's tensor_mapping.py. */
const BLOCK_NAMES: Readonly<Record<string, string>> = {
  'attn_norm.weight': 'norm.weight',
  'ssm_in.weight': 'mixer.in_proj.weight',
  'ssm_in.bias': 'mixer.in_proj.bias',
  'ssm_conv1d.weight': 'mixer.conv1d.weight',
  'ssm_conv1d.bias': 'mixer.conv1d.bias',
  'ssm_x.weight': 'mixer.x_proj.weight',
  ssm_a: 'mixer.A_log',
  ssm_d: 'mixer.D',
  'ssm_norm.weight': 'mixer.norm.weight',
  'ssm_out.weight': 'mixer.out_proj.weight',
  'ssm_out.bias': 'mixer.out_proj.bias',
};
const MODEL_NAMES: Readonly<Record<string, string>> = {
  'token_embd.weight': EMBEDDING,
  'output_norm.weight': NORM_F,
  'output.weight': HEAD,
};

/**
 * A GGUF file of the architectures `mamba` and `mamba2`. A `tokenizer.json` beside it is preferred to the file's own
 * vocabulary. Errors: `modelCorrupt`, `modelNotFound`.
 */
export async function openGguf(path: string): Promise<Checkpoint> {
  const { handle, sizeBytes } = await openSource(path);
  try {
    const file = { path, handle };
    const header = await readGgufHeader(file, sizeBytes);
    const tensors = new Map<string, SourceTensor>();
    const arch = header.metadata.get('general.architecture');
    for (const [name, tensor] of header.tensors) {
      tensors.set(canonicalName(name, arch), {
        ...sourceTensor(name, tensor, path, sizeBytes),
        file,
      });
    }
    const name = header.metadata.get('general.name');
    const beside = await readTextIfPresent(join(dirname(path), 'tokenizer.json'));
    const made = tokenizerFromGguf(header.metadata, path, beside !== undefined);
    return {
      path,
      name: typeof name === 'string' && name !== '' ? name : basename(path, '.gguf'),
      source: sourceConfig(header, path),
      tensors,
      hasFlatVectors: true,
      tokenizerJson: beside ?? made.tokenizerJson,
      tokens: made.tokens,
      notices: [],
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function canonicalName(name: string, arch: GgufValue | undefined): string {
  const known = MODEL_NAMES[name];
  if (known !== undefined) return known;
  const [, layer, rest = ''] = /^blk\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (layer === undefined) return name;
  // Mamba-1 projects to the steps, Mamba-2 has their bias alone.
  const steps = rest === 'ssm_dt.bias' && arch === 'mamba2' ? 'mixer.dt_bias' : undefined;
  const inBlock = steps ?? BLOCK_NAMES[rest] ?? rest.replace(/^ssm_dt\./, 'mixer.dt_proj.');
  return `${layerPrefix(Number(layer))}.${inBlock}`;
}

function sourceTensor(
  name: string,
  { dimensions, type, offset }: GgufTensor,
  path: string,
  fileBytes: number,
): Omit<SourceTensor, 'file'> {
  const dtype = DTYPES[type];
  if (dtype === undefined) {
    throw cannotImport(
      path,
      `tensor ${name} has ggml's type ${type}; a file in F32, F16, BF16 or Q8_0 can be imported`,
    );
  }
  const shape = [...dimensions].reverse();
  const elements = shape.reduce((product, extent) => product * extent, 1);
  const bytes = sourceBytes(dtype, elements);
  if (!Number.isInteger(bytes) || offset + bytes > fileBytes) {
    throw cannotImport(path, `tensor ${name} lies beyond the end of the file`);
  }
  const isA = name.endsWith('.ssm_a');
  return { dtype, shape, offset, ...(isA ? { map: (a: number) => Math.log(-a) } : {}) };
}

/** Bytes of so many elements. */
function sourceBytes(dtype: SourceDtype, elements: number): number {
  if (dtype === 'Q8_0') return (elements / QUANTIZATION_BLOCK) * (2 + QUANTIZATION_BLOCK);
  return elements * (dtype === 'F32' ? 4 : 2);
}

function sourceConfig({ metadata, tensors }: GgufHeader, path: string): SourceConfig {
  const arch = metadata.get('general.architecture');
  if (arch !== 'mamba' && arch !== 'mamba2') {
    throw cannotImport(path, `its architecture is ${String(arch)}, not mamba or mamba2`);
  }
  const get = (key: string) => metadata.get(`${arch}.${key}`);
  const number = (key: string): number => {
    const value = get(key);
    if (typeof value === 'number') return value;
    throw cannotImport(path, `its metadata lacks ${arch}.${key}`);
  };
  if (get('ssm.dt_b_c_rms') === true) {
    throw cannotImport(path, 'it normalises dt, B and C, which no engine does');
  }
  const dModel = number('embedding_length');
  const inner = number('ssm.inner_size');
  const layer =
    arch === 'mamba'
      ? { layer: 'Mamba1', dt_rank: number('ssm.time_step_rank') }
      : {
          layer: 'Mamba2',
          headdim: inner / number('ssm.time_step_rank'),
          ngroups: number('ssm.group_count'),
        };
  const config = parseConfig(
    JSON.stringify({
      d_model: dModel,
      n_layer: number('block_count'),
      vocab_size: tensors.get('token_embd.weight')?.dimensions[1],
      // The file has it in f32.
      norm_epsilon: Number(number('attention.layer_norm_rms_epsilon').toPrecision(6)),
      ssm_cfg: {
        ...layer,
        d_state: number('ssm.state_size'),
        d_conv: number('ssm.conv_kernel'),
        expand: inner / dModel,
        bias: tensors.has('blk.0.ssm_in.bias'),
      },
    }),
    path,
    cannotImport,
  );
  return {
    config,
    isTied: undefined,
    hasConvBias: tensors.has('blk.0.ssm_conv1d.bias'),
    vocabSizes: [config.vocabSize],
  };
}

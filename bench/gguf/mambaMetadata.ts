import type { ModelConfig } from '../../model-runtime/model/config';
import type { GgmlType } from './ggmlTypes';
import type { GgufValue } from './ggufFile';

/** `llama_ftype` of a file whose matrices have this type. Source: llama.h. */
const FILE_TYPES: Record<GgmlType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 };
/** A recurrent state has no limit of its own; llama.cpp asks for one. */
const CONTEXT_LENGTH = 1 << 20;

/** What llama.cpp reads about the shape of a `mamba` or `mamba2` model (llama-arch.cpp, llama-model.cpp). */
export function mambaMetadata(
  name: string,
  config: ModelConfig,
  matrixType: GgmlType,
): Map<string, GgufValue> {
  const arch = config.architecture === 'mamba2' ? 'mamba2' : 'mamba';
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const metadata = new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: arch }],
    ['general.name', { type: 'string', value: name }],
    ['general.file_type', uint32(FILE_TYPES[matrixType])],
    ['general.quantization_version', uint32(2)],
    [`${arch}.context_length`, uint32(CONTEXT_LENGTH)],
    [`${arch}.embedding_length`, uint32(config.dModel)],
    [`${arch}.block_count`, uint32(config.nLayer)],
    [`${arch}.feed_forward_length`, uint32(0)],
    [`${arch}.attention.head_count`, uint32(0)],
    [`${arch}.attention.layer_norm_rms_epsilon`, { type: 'float32', value: config.normEpsilon }],
    [`${arch}.vocab_size`, uint32(config.vocabSize)],
    [`${arch}.ssm.conv_kernel`, uint32(config.dConv)],
    [`${arch}.ssm.inner_size`, uint32(config.dInner)],
    [`${arch}.ssm.state_size`, uint32(config.dState)],
  ]);
  if (config.architecture === 'mamba2') {
    metadata.set(`${arch}.ssm.time_step_rank`, uint32(config.nHeads));
    metadata.set(`${arch}.ssm.group_count`, uint32(config.nGroups));
  } else {
    metadata.set(`${arch}.ssm.time_step_rank`, uint32(config.dtRank));
    metadata.set(`${arch}.ssm.dt_b_c_rms`, { type: 'bool', value: false });
  }
  return metadata;
}

// The single kernels, as tests and benchmarks call them.
export { advanceConvState, causalConv1d } from './causal_conv1d/causal_conv1d.as';
export { causalConv1dUpdate } from './causal_conv1d_update/causal_conv1d_update.as';
export { gatedRmsNorm } from './gated_rms_norm/gated_rms_norm.as';
export { barrier } from './lib/team.as';
export { quantizeActivations } from './linear/activations.as';
export { linear, readRow } from './linear/linear.as';
export { matmulInt8, matvecInt8 } from './linear/linear_int8.as';
export { quantizeInt4 } from './linear/quantize_int4.as';
export { matmulInt4, matvecInt4 } from './linear/linear_int4.as';
export { rmsNorm } from './rms_norm/rms_norm.as';
export { selectiveScan } from './selective_scan/selective_scan.as';
export { selectiveStateUpdate } from './selective_state_update/selective_state_update.as';
export { ssdStateUpdate } from './selective_state_update/ssd_state_update.as';
export { chunkScores, chunkWeights, ssdChunkScan } from './ssd_chunk_scan/ssd_chunk_scan.as';
export { ssdChunkState } from './ssd_chunk_state/ssd_chunk_state.as';
export { clearTop, joinTop, takeLogits } from './top_k/top_k.as';

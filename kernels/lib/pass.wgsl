// pass: the sequences that one prefill reads, one behind the other without padding; joined in front of kernels of prefill.
//   each chunk has up to 64 tokens of one sequence
// Source: cu_seqlens of mamba_ssm and flash-attention; laid out by kernels/lib/pass.ts.
// Bindings: none; kernels bind a Pass as `run`.
// Overrides, dispatch: none.
// Numerics: whole numbers.
struct Pass {
  // Of all sequences.
  tokens: u32,
  // First token, the one after the last; first chunk, the one after the last.
  sequences: array<vec4u, 8>,
  // First token, the one after the sequence's last; the sequence, its first token.
  chunks: array<vec4u, 64>,
}
const CHUNK = 64u;

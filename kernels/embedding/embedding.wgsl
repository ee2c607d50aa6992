// embedding: gathers the rows of the embedding that belong to a sequence of tokens.
//   h[l,c] = weight[token[l], c]
// Source: torch.nn.Embedding, as mamba_ssm models/mixer_seq_simple.py uses it.
// Bindings: 0-1 of lib/weight_words.wgsl · 2 token [L] ids · 3 h [L, COLS] write
// Overrides: those of lib/weight_words.wgsl (COLS a multiple of 4); WG. Dispatch: ceil(COLS / 4 / WG) x L, one thread for 4 columns.
// Numerics: exact.
override WG: u32 = 64u;
@group(0) @binding(2) var<storage, read> token: array<u32>;
@group(0) @binding(3) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(WG)
fn embedding(@builtin(global_invocation_id) id: vec3u) {
  let column = 4u * id.x;
  if (column >= COLS) { return; }
  let four = four_weights(token[id.y], column);
  for (var j = 0u; j < 4u; j++) { h[id.y * COLS + column + j] = four[j]; }
}

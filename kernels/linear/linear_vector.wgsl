// linear_vector: the product of a matrix with one vector of each sequence, which may be normalised on the way in; decode.
//   y[r] = (IS_ADDED ? y[r] : 0) + sum_c weight[r,c] n[c] + bias[r],   n as in lib/row_product.wgsl
// Source: linear.reference.ts; mamba_ssm modules/block.py for the norm before and the residual after.
// Bindings: 0-4 of lib/row_product.wgsl · 5 y [S, ROWS] read_write
// Overrides: those of lib/row_product.wgsl; IS_ADDED. Dispatch: as there.
// Numerics: f32.
override IS_ADDED: u32 = 0u;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn linear_vector(@builtin(workgroup_id) group: vec3u, thread: Thread) {
  let li = thread_number(thread);
  let row = group.y * (WG / LANES) + li / LANES;
  let product = row_product(row, group.x, li);
  if (li % LANES == 0u && row < ROWS) {
    let i = group.x * ROWS + row;
    if (IS_ADDED == 1u) { y[i] += product; } else { y[i] = product; }
  }
}

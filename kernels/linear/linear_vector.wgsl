// linear_vector: the product of a matrix with one vector, which may be normalised on the way in; decode.
//   y[r] = (IS_ADDED ? y[r] : 0) + sum_c weight[r,c] n[c],   n as in lib/row_product.wgsl
// Source: linear.reference.ts; mamba_ssm modules/block.py for the norm before and the residual after.
// Bindings: 0-3 of lib/row_product.wgsl · 4 y [ROWS] read_write
// Overrides: those of lib/row_product.wgsl; IS_ADDED. Dispatch: ceil(ROWS / (WG / LANES)) workgroups, LANES threads a row.
// Numerics: f32.
override IS_ADDED: u32 = 0u;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn linear_vector(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let row = group.x * (WG / LANES) + li / LANES;
  let product = row_product(row, li);
  if (li % LANES == 0u && row < ROWS) {
    if (IS_ADDED == 1u) { y[row] += product; } else { y[row] = product; }
  }
}

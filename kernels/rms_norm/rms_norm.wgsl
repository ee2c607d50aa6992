// rms_norm: divides each row by its root mean square and multiplies it by a weight; prefill.
//   y[l,d] = x[l,d] / sqrt(mean_d(x[l,d]^2) + EPSILON) * weight[d]
// Source: Zhang and Sennrich 2019, equation 4; mamba_ssm rms_norm_ref.
// Bindings: 0 x [L, WIDTH] · 1 weight [WIDTH] · 2 y [L, WIDTH] write
// Overrides: WIDTH, EPSILON; WG of lib/reduce.wgsl. Dispatch: L workgroups, one a row.
// Numerics: f32.
override WIDTH: u32;
override EPSILON: f32 = 1e-5;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn rms_norm(@builtin(workgroup_id) group: vec3u, thread: Thread) {
  let li = thread_number(thread);
  let start = group.x * WIDTH;
  var squares = 0.0;
  for (var d = li; d < WIDTH; d += WG) { squares += x[start + d] * x[start + d]; }
  let scale = inverseSqrt(workgroup_sum(squares, li) / f32(WIDTH) + EPSILON);
  for (var d = li; d < WIDTH; d += WG) { y[start + d] = x[start + d] * scale * weight[d]; }
}

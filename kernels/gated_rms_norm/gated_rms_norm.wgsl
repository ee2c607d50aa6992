// gated_rms_norm: gates and normalises each group of channels by itself, in either order.
//   gate first: g = y silu(z), out[l,d] = g[l,d] / sqrt(mean over d's group(g[l]^2) + EPSILON) weight[d];   norm first: the same of y, then times silu(z)
// Source: mamba_ssm rms_norm_ref with z and norm_before_gate, group_size = WIDTH.
// Bindings: 0 y [L, GROUPS WIDTH] read_write, becomes out · 1 z, the first columns of [L, Z_STRIDE] · 2 weight [GROUPS WIDTH]
// Overrides: WIDTH of a group, GROUPS, Z_STRIDE, EPSILON, NORM_FIRST; WG of lib/reduce.wgsl. Dispatch: L x GROUPS workgroups.
// Numerics: f32.
override WIDTH: u32;
override GROUPS: u32 = 1u;
override Z_STRIDE: u32;
override EPSILON: f32 = 1e-5;
override NORM_FIRST: u32 = 0u;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;

@compute @workgroup_size(WG)
fn gated_rms_norm(@builtin(workgroup_id) group: vec3u, thread: Thread) {
  let li = thread_number(thread);
  let channel = group.y * WIDTH;
  let start = group.x * GROUPS * WIDTH + channel;
  let gates = group.x * Z_STRIDE + channel;
  var squares = 0.0;
  for (var d = li; d < WIDTH; d += WG) {
    let gate = silu(z[gates + d]);
    let value = y[start + d];
    y[start + d] = value * gate;
    let normed = select(value * gate, value, NORM_FIRST == 1u);
    squares += normed * normed;
  }
  let scale = inverseSqrt(workgroup_sum(squares, li) / f32(WIDTH) + EPSILON);
  for (var d = li; d < WIDTH; d += WG) { y[start + d] *= scale * weight[channel + d]; }
}

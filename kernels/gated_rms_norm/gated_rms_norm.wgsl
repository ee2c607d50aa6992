// gated_rms_norm: gates first, then normalises each group of channels by itself; prefill.
//   g = y * silu(z);   out[l,d] = g[l,d] / sqrt(mean over d's group(g[l]^2) + EPSILON) * weight[d]
// Source: mamba_ssm rms_norm_ref with z, norm_before_gate=False, group_size = WIDTH.
// Bindings: 0 y [L, GROUPS WIDTH] read_write, becomes out · 1 z, the first columns of [L, Z_STRIDE] · 2 weight [GROUPS WIDTH]
// Overrides: WIDTH of a group, GROUPS, Z_STRIDE, EPSILON; WG power of two, default 128. Dispatch: L x GROUPS workgroups.
// Numerics: f32.
override WIDTH: u32;
override GROUPS: u32 = 1u;
override Z_STRIDE: u32;
override EPSILON: f32 = 1e-5;
override WG: u32 = 128u;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
var<workgroup> partial: array<f32, WG>;

@compute @workgroup_size(WG)
fn gated_rms_norm(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let channel = group.y * WIDTH;
  let start = group.x * GROUPS * WIDTH + channel;
  let gates = group.x * Z_STRIDE + channel;
  var squares = 0.0;
  for (var d = li; d < WIDTH; d += WG) {
    let gated = y[start + d] * silu(z[gates + d]);
    y[start + d] = gated;
    squares += gated * gated;
  }
  partial[li] = squares;
  workgroupBarrier();
  for (var step = WG / 2u; step > 0u; step /= 2u) {
    if (li < step) { partial[li] += partial[li + step]; }
    workgroupBarrier();
  }
  let scale = inverseSqrt(partial[0] / f32(WIDTH) + EPSILON);
  for (var d = li; d < WIDTH; d += WG) { y[start + d] *= scale * weight[channel + d]; }
}

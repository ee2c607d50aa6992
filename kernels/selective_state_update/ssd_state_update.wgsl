// ssd_state_update: one decode step of the Mamba-2 recurrence, with the step dt before and the gate after; h is updated in place.
//   dt = clamp(softplus(raw[k] + bias[k]), DT_MIN, DT_MAX);  h[k,n,p] = exp(dt A[k]) h[k,n,p] + dt x[k,p] B[g,n];  y[k,p] = (sum_n C[g,n] h[k,n,p] + D[k] x[k,p]) (GATED ? silu(z[k,p]) : 1)
// Source: Mamba-2 paper, equation 1 with scalar A; mamba_ssm selective_state_update_ref with tied A, and z of modules/mamba2.py.
// Bindings: 0 projected [S] of z | x | B | C | dt after the convolution · 1 head [HEADS] (A, D, bias, -) · 2 y [S, HEADS, HEAD_DIM] write; group 1: 0 one layer's states, STATE_STRIDE apart, ssm [HEADS, D_STATE, HEAD_DIM] at SSM_AT, read_write
// Overrides: HEADS, HEAD_DIM, D_STATE, GROUPS, SSM_AT, STATE_STRIDE, DT_MIN, DT_MAX, GATED; WG threads: LANES channels, WG / LANES slices of n. Dispatch: ceil(HEAD_DIM / LANES) x HEADS x S workgroups.
// Numerics: f32; WG / LANES partial sums a channel.
override HEADS: u32;
override HEAD_DIM: u32;
override D_STATE: u32;
override GROUPS: u32 = 1u;
override SSM_AT: u32;
override STATE_STRIDE: u32;
override DT_MIN: f32;
override DT_MAX: f32;
override GATED: u32 = 1u;
override WG: u32 = 256u;
override LANES: u32 = 8u;
@group(0) @binding(0) var<storage, read> projected: array<f32>;
@group(0) @binding(1) var<storage, read> head: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;
var<workgroup> partial: array<f32, WG>;

@compute @workgroup_size(WG)
fn ssd_state_update(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let k = group.y;
  let lane = li % LANES;
  let slice = li / LANES;
  let p = group.x * LANES + lane;
  let d_inner = HEADS * HEAD_DIM;
  let own = group.z * STATE_STRIDE + SSM_AT;
  let token = group.z * (2u * d_inner + 2u * GROUPS * D_STATE + HEADS);
  let b0 = token + 2u * d_inner + k * GROUPS / HEADS * D_STATE;
  let c0 = b0 + GROUPS * D_STATE;
  let raw = projected[token + 2u * d_inner + 2u * GROUPS * D_STATE + k];
  let parameters = head[k];
  let dt = clamp(softplus(raw + parameters.z), DT_MIN, DT_MAX);
  let decay = exp(dt * parameters.x);
  var x = 0.0;
  var sum = 0.0;
  if (p < HEAD_DIM) {
    x = projected[token + d_inner + k * HEAD_DIM + p];
    // Eight numbers are asked for before the first is changed: their way from memory is what takes time.
    let slices = WG / LANES;
    for (var n0 = slice; n0 < D_STATE; n0 += 8u * slices) {
      var h: array<f32, 8>;
      for (var j = 0u; j < 8u; j++) {
        let n = n0 + j * slices;
        if (n < D_STATE) { h[j] = state[own + (k * D_STATE + n) * HEAD_DIM + p]; }
      }
      for (var j = 0u; j < 8u; j++) {
        let n = n0 + j * slices;
        if (n < D_STATE) {
          let moved = decay * h[j] + dt * x * projected[b0 + n];
          state[own + (k * D_STATE + n) * HEAD_DIM + p] = moved;
          sum += moved * projected[c0 + n];
        }
      }
    }
  }
  partial[li] = sum;
  workgroupBarrier();
  if (slice == 0u && p < HEAD_DIM) {
    for (var s = 1u; s < WG / LANES; s++) { sum += partial[s * LANES + lane]; }
    var out = sum + parameters.y * x;
    if (GATED == 1u) { out *= silu(projected[token + k * HEAD_DIM + p]); }
    y[(group.z * HEADS + k) * HEAD_DIM + p] = out;
  }
}

// selective_state_update: one decode step of the Mamba-1 recurrence, with dt_proj before and the gate after; h is updated in place.
//   dt[d] = softplus(sum_r W[r,d] low[r] + bias[d]);  h[n,d] = exp(dt[d] A[n,d]) h[n,d] + dt[d] B[n] x[d];  y[d] = (sum_n C[n] h[n,d] + D[d] x[d]) silu(z[d])
// Source: Mamba paper 3.2, Algorithm 2; mamba_ssm selective_state_update_ref and modules/mamba_simple.py.
// Bindings: 0 projected [S] of x | z after the convolution · 1 low | B | C [S, DT_RANK + 2 D_STATE] · 2 W [DT_RANK, D_INNER] · 3 channel [D_INNER] (bias, D) · 4 A [D_STATE, D_INNER] < 0 · 5 y [S, D_INNER] write; group 1: 0 one layer's states, STATE_STRIDE apart, ssm [D_STATE, D_INNER] at SSM_AT, read_write
// Overrides: D_INNER, D_STATE, DT_RANK, SSM_AT, STATE_STRIDE; WG. Dispatch: ceil(D_INNER / WG) x S workgroups, one thread a channel.
// Numerics: f32; B discretised by Euler, as upstream.
override D_INNER: u32;
override D_STATE: u32;
override DT_RANK: u32;
override SSM_AT: u32;
override STATE_STRIDE: u32;
override WG: u32 = 64u;
@group(0) @binding(0) var<storage, read> projected: array<f32>;
@group(0) @binding(1) var<storage, read> low: array<f32>;
@group(0) @binding(2) var<storage, read> dt_weight: array<f32>;
@group(0) @binding(3) var<storage, read> channel: array<vec2f>;
@group(0) @binding(4) var<storage, read> a: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;

@compute @workgroup_size(WG)
fn selective_state_update(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  if (d >= D_INNER) { return; }
  let low0 = id.y * (DT_RANK + 2u * D_STATE);
  let x0 = id.y * 2u * D_INNER;
  var raw = channel[d].x;
  for (var r = 0u; r < DT_RANK; r++) { raw += dt_weight[r * D_INNER + d] * low[low0 + r]; }
  let dt = softplus(raw);
  let x = projected[x0 + d];
  var sum = channel[d].y * x;
  for (var n = 0u; n < D_STATE; n++) {
    let i = id.y * STATE_STRIDE + SSM_AT + n * D_INNER + d;
    let h = exp(dt * a[n * D_INNER + d]) * state[i] + dt * low[low0 + DT_RANK + n] * x;
    state[i] = h;
    sum += low[low0 + DT_RANK + D_STATE + n] * h;
  }
  y[id.y * D_INNER + d] = sum * silu(projected[x0 + D_INNER + d]);
}

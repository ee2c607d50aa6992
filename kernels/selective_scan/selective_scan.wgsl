// selective_scan: the Mamba-1 recurrence over sequences, with the gate after; from their states, which are left at the ends.
//   dt = softplus(raw[l,d] + bias[d]);  h[n,d] = exp(dt A[n,d]) h[n,d] + dt B[l,n] x[l,d];  y[l,d] = (sum_n C[l,n] h[n,d] + D[d] x[l,d]) silu(z[l,d])
// Source: Mamba paper, Algorithm 2; mamba_ssm selective_scan_ref.
// Bindings: 0 x [L, D_INNER] · 1 raw [L, D_INNER] · 2 low | B | C [L, DT_RANK + 2 D_STATE] · 3 channel [D_INNER] (bias, D) · 4 A [D_STATE, D_INNER] < 0 · 5 projected x | z [L, 2 D_INNER] · 6 y [L, D_INNER] write · 7 Pass (uniform); group 1: 0 one layer's states, STATE_STRIDE apart, ssm [D_STATE, D_INNER] at SSM_AT, read_write
// Overrides: D_INNER, D_STATE, DT_RANK, SSM_AT, STATE_STRIDE; LANES channels, WG = LANES D_STATE <= 256, KEPT = 8 WG. Dispatch: ceil(D_INNER / LANES) x sequences workgroups: a thread keeps one number of the state, blocks of 8 tokens share a barrier.
// Numerics: f32; B discretised by Euler, as upstream.
override D_INNER: u32;
override D_STATE: u32;
override DT_RANK: u32;
override SSM_AT: u32;
override STATE_STRIDE: u32;
override LANES: u32 = 16u;
override WG: u32 = 256u;
override KEPT: u32 = 2048u;
const BLOCK = 8u;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> raw: array<f32>;
@group(0) @binding(2) var<storage, read> low: array<f32>;
@group(0) @binding(3) var<storage, read> channel: array<vec2f>;
@group(0) @binding(4) var<storage, read> a: array<f32>;
@group(0) @binding(5) var<storage, read> projected: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> run: Pass;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;
var<workgroup> kept: array<f32, KEPT>;

@compute @workgroup_size(WG)
fn selective_scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let lane = li % LANES;
  let n = li / LANES;
  let d0 = group.x * LANES;
  // Threads beyond the last channel repeat it and write nothing.
  let d = min(d0 + lane, D_INNER - 1u);
  let width = DT_RANK + 2u * D_STATE;
  let parameters = channel[d];
  let decay = a[n * D_INNER + d];
  let range = run.sequences[group.y];
  let own = group.y * STATE_STRIDE + SSM_AT + n * D_INNER + d;
  var h = state[own];
  for (var l0 = range.x; l0 < range.y; l0 += BLOCK) {
    let count = min(BLOCK, range.y - l0);
    for (var t = 0u; t < count; t++) {
      let at = (l0 + t) * D_INNER + d;
      let row = (l0 + t) * width + DT_RANK + n;
      let dt = softplus(raw[at] + parameters.x);
      h = exp(dt * decay) * h + dt * low[row] * x[at];
      kept[t * WG + li] = low[row + D_STATE] * h;
    }
    workgroupBarrier();
    for (var e = li; e < count * LANES; e += WG) {
      let t = e / LANES;
      let c = d0 + e % LANES;
      if (c < D_INNER) {
        let at = (l0 + t) * D_INNER + c;
        var sum = channel[c].y * x[at];
        for (var m = 0u; m < D_STATE; m++) { sum += kept[t * WG + m * LANES + e % LANES]; }
        y[at] = sum * silu(projected[(l0 + t) * 2u * D_INNER + D_INNER + c]);
      }
    }
    workgroupBarrier();
  }
  if (d0 + lane < D_INNER) { state[own] = h; }
}

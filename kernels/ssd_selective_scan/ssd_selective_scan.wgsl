// ssd_selective_scan: the Mamba-2 recurrence over one sequence token by token; what the chunked kernels are measured against.
//   h[k,n,p] = exp(dt A[k]) h[k,n,p] + dt x[l,k,p] B[l,g,n];   y[l,k,p] = sum_n C[l,g,n] h[k,n,p] + D[k] x[l,k,p]
// Source: Mamba-2 paper, equation 1; mamba_ssm ssd_selective_scan.
// Bindings: 0 xbc [L, X | B | C] · 1 dt [chunks, HEADS, 64] of ssd_chunk_cumsum · 2 head [HEADS] (A, D, bias, -) · 3 y [L, HEADS, HEAD_DIM] write · 4 Pass (uniform); group 1: 0 one layer's state, ssm [HEADS, D_STATE, HEAD_DIM] at SSM_AT, read_write
// Overrides: HEADS, HEAD_DIM, D_STATE <= 128, GROUPS, SSM_AT. Dispatch: ceil(HEAD_DIM / 16) x HEADS workgroups of 256 threads: 16 channels, 16 slices of n, each thread keeps up to 8 numbers of the state.
// Numerics: f32.
override HEADS: u32;
override HEAD_DIM: u32;
override D_STATE: u32;
override GROUPS: u32 = 1u;
override SSM_AT: u32;
@group(0) @binding(0) var<storage, read> xbc: array<f32>;
@group(0) @binding(1) var<storage, read> dt: array<f32>;
@group(0) @binding(2) var<storage, read> head: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> run: Pass;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;
var<workgroup> partial: array<f32, 256>;

@compute @workgroup_size(256)
fn ssd_selective_scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let k = group.y;
  let lane = li & 15u;
  let slice = li / 16u;
  let p = group.x * 16u + lane;
  let is_inside = p < HEAD_DIM;
  let stride = HEADS * HEAD_DIM + 2u * GROUPS * D_STATE;
  let b0 = HEADS * HEAD_DIM + k * GROUPS / HEADS * D_STATE;
  let c0 = b0 + GROUPS * D_STATE;
  var h: array<f32, 8>;
  for (var i = 0u; i < 8u; i++) {
    let n = slice + 16u * i;
    if (is_inside && n < D_STATE) { h[i] = state[SSM_AT + (k * D_STATE + n) * HEAD_DIM + p]; }
  }
  for (var l = 0u; l < run.tokens; l++) {
    let step = dt[(l / 64u * HEADS + k) * 64u + l % 64u];
    let decay = exp(step * head[k].x);
    var x = 0.0;
    if (is_inside) { x = xbc[l * stride + k * HEAD_DIM + p]; }
    var sum = 0.0;
    for (var i = 0u; i < 8u; i++) {
      let n = slice + 16u * i;
      if (n < D_STATE) {
        h[i] = decay * h[i] + step * x * xbc[l * stride + b0 + n];
        sum += xbc[l * stride + c0 + n] * h[i];
      }
    }
    partial[li] = sum;
    workgroupBarrier();
    if (slice == 0u && is_inside) {
      for (var s = 1u; s < 16u; s++) { sum += partial[s * 16u + lane]; }
      y[(l * HEADS + k) * HEAD_DIM + p] = sum + head[k].y * x;
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 8u; i++) {
    let n = slice + 16u * i;
    if (is_inside && n < D_STATE) { state[SSM_AT + (k * D_STATE + n) * HEAD_DIM + p] = h[i]; }
  }
}

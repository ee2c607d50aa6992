// ssd_chunk_cumsum: the steps dt and the running sums of the log-decay inside each chunk.
//   dt[l,k] = clamp(softplus(raw[l,k] + bias[k]), DT_MIN, DT_MAX);   cumA[l,k] = sum over tokens s of l's chunk with s <= l of dt[s,k] A[k]
// Source: mamba_ssm ssd_chunk_state, _chunk_cumsum_fwd.
// Bindings: 0 raw, HEADS columns from DT_FROM of [L, STRIDE] · 1 head [HEADS] (A, D, bias, -) · 2 dt [chunks, HEADS, 64] write, 0 beyond the chunk · 3 cumA alike, write · 4 Pass (uniform)
// Overrides: HEADS, DT_FROM, STRIDE, DT_MIN, DT_MAX. Dispatch: chunks x HEADS workgroups of 64 threads.
// Numerics: f32; a scan by doubling.
override HEADS: u32;
override DT_FROM: u32;
override STRIDE: u32;
override DT_MIN: f32;
override DT_MAX: f32;
@group(0) @binding(0) var<storage, read> raw: array<f32>;
@group(0) @binding(1) var<storage, read> head: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dt: array<f32>;
@group(0) @binding(3) var<storage, read_write> cum_a: array<f32>;
@group(0) @binding(4) var<uniform> run: Pass;
var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn ssd_chunk_cumsum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let chunk = run.chunks[group.x];
  let token = chunk.x + li;
  let k = group.y;
  var step = 0.0;
  if (token < chunk.y) { step = clamp(softplus(raw[token * STRIDE + DT_FROM + k] + head[k].z), DT_MIN, DT_MAX); }
  sums[li] = step * head[k].x;
  workgroupBarrier();
  for (var distance = 1u; distance < CHUNK; distance *= 2u) {
    var before = 0.0;
    if (li >= distance) { before = sums[li - distance]; }
    workgroupBarrier();
    sums[li] += before;
    workgroupBarrier();
  }
  let at = (group.x * HEADS + k) * CHUNK + li;
  dt[at] = step;
  cum_a[at] = sums[li];
}

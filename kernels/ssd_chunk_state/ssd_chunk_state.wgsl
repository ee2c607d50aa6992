// ssd_chunk_state: the state each chunk would end in if it started from zero.
//   states[c,k,n,p] = sum over l in chunk c of exp(cumA[end of c, k] - cumA[l,k]) dt[l,k] B[l,g,n] x[l,k,p]
// Source: Mamba-2 paper, section 6, step 2; mamba_ssm chunk_state_ref.
// Bindings: 0 of lib/ssd_tile.wgsl · 1 dt, 2 cumA [chunks, HEADS, 64] · 3 states [chunks, HEADS, D_STATE, HEAD_DIM] write · 4 Pass (uniform)
// Overrides: those of lib/ssd_tile.wgsl. Dispatch: chunks x HEADS x (ceil(D_STATE / 64) ceil(HEAD_DIM / 64)) workgroups.
// Numerics: f32; every exponent is <= 0.
@group(0) @binding(1) var<storage, read> dt: array<f32>;
@group(0) @binding(2) var<storage, read> cum_a: array<f32>;
@group(0) @binding(3) var<storage, read_write> states: array<f32>;
@group(0) @binding(4) var<uniform> run: Pass;

@compute @workgroup_size(256)
fn ssd_chunk_state(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let tx = li & 15u;
  let ty = li / 16u;
  let chunk = run.chunks[group.x];
  let k = group.y;
  let tiles = (HEAD_DIM + 63u) / 64u;
  let n0 = group.z / tiles * 64u;
  let p0 = group.z % tiles * 64u;
  let of_chunk = (group.x * HEADS + k) * CHUNK;
  let last = cum_a[of_chunk + CHUNK - 1u];
  let b0 = b_from(group_of(k));
  var sums: array<vec4f, 4>;
  for (var l0 = 0u; l0 < CHUNK; l0 += STEP) {
    let l = l0 + ty;
    let decayed = exp(last - cum_a[of_chunk + l]) * dt[of_chunk + l];
    left[ty * TILE_ROW + tx] = decayed * four_columns(chunk.x + l, chunk.y, b0, n0 + 4u * tx, D_STATE);
    right[ty * TILE_ROW + tx] = four_columns(chunk.x + l, chunk.y, k * HEAD_DIM, p0 + 4u * tx, HEAD_DIM);
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    let n = n0 + 4u * ty + a;
    for (var b = 0u; b < 4u; b++) {
      let p = p0 + 4u * tx + b;
      if (n < D_STATE && p < HEAD_DIM) {
        states[((group.x * HEADS + k) * D_STATE + n) * HEAD_DIM + p] = sums[a][b];
      }
    }
  }
}

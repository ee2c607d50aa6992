// ssd_chunk_scan: every token's output from the state its chunk began with and the chunk's tokens up to it.
//   y[l,k,p] = exp(cumA[l,k]) sum_n C[l,g,n] initial[c,k,n,p] + D[k] x[l,k,p]
//            + sum over s <= l in chunk c of products[c,g,s,l] exp(cumA[l,k] - cumA[s,k]) dt[s,k] x[s,k,p]
// Source: Mamba-2 paper, section 6, steps 1 and 4; mamba_ssm chunk_scan_ref.
// Bindings: 0 of lib/ssd_tile.wgsl · 1 dt, 2 cumA [chunks, HEADS, 64] · 3 products [chunks, GROUPS, 64, 16] fours · 4 initial [chunks, HEADS, D_STATE, HEAD_DIM] · 5 head [HEADS] (A, D, bias, -) · 6 y [L, HEADS, HEAD_DIM] write · 7 Pass (uniform)
// Overrides: those of lib/ssd_tile.wgsl. Dispatch: chunks x HEADS x ceil(HEAD_DIM / 64) workgroups.
// Numerics: f32; every exponent is <= 0.
@group(0) @binding(1) var<storage, read> dt: array<f32>;
@group(0) @binding(2) var<storage, read> cum_a: array<f32>;
@group(0) @binding(3) var<storage, read> products: array<vec4f>;
@group(0) @binding(4) var<storage, read> initial: array<f32>;
@group(0) @binding(5) var<storage, read> head: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> run: Pass;

@compute @workgroup_size(256)
fn ssd_chunk_scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let tx = li & 15u;
  let ty = li / 16u;
  let chunk = run.chunks[group.x];
  let k = group.y;
  let p0 = group.z * 64u;
  let of_chunk = (group.x * HEADS + k) * CHUNK;
  let of_group = (group.x * GROUPS + group_of(k)) * CHUNK;
  let c0 = c_from(group_of(k));
  var sums: array<vec4f, 4>;
  for (var n0 = 0u; n0 < D_STATE; n0 += STEP) {
    var c = vec4f();
    if (n0 + tx < D_STATE) { c = four_tokens(chunk.x + 4u * ty, chunk.y, c0 + n0 + tx); }
    left[tx * TILE_ROW + ty] = c;
    var h = vec4f();
    if (n0 + ty < D_STATE) {
      let p = p0 + 4u * tx;
      let i = ((group.x * HEADS + k) * D_STATE + n0 + ty) * HEAD_DIM + p;
      for (var j = 0u; j < 4u; j++) {
        if (p + j < HEAD_DIM) { h[j] = initial[i + j]; }
      }
    }
    right[ty * TILE_ROW + tx] = h;
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) { sums[a] *= exp(cum_a[of_chunk + 4u * ty + a]); }
  for (var s0 = 0u; s0 < CHUNK; s0 += STEP) {
    let s = s0 + ty;
    let product = products[(of_group + s) * 16u + tx];
    let before = cum_a[of_chunk + s];
    var weight = vec4f();
    for (var j = 0u; j < 4u; j++) {
      let l = 4u * tx + j;
      if (s <= l) { weight[j] = product[j] * exp(cum_a[of_chunk + l] - before); }
    }
    left[ty * TILE_ROW + tx] = weight * dt[of_chunk + s];
    right[ty * TILE_ROW + tx] = four_columns(chunk.x + s, chunk.y, k * HEAD_DIM, p0 + 4u * tx, HEAD_DIM);
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    let token = chunk.x + 4u * ty + a;
    let p = p0 + 4u * tx;
    let four = sums[a] + head[k].y * four_columns(token, chunk.y, k * HEAD_DIM, p, HEAD_DIM);
    for (var b = 0u; b < 4u; b++) {
      if (token < chunk.y && p + b < HEAD_DIM) { y[(token * HEADS + k) * HEAD_DIM + p + b] = four[b]; }
    }
  }
}

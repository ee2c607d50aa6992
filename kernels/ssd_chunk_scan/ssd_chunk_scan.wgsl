// ssd_chunk_scan: every token's output from the state its chunk began with and the chunk's tokens up to it.
//   y[l,k,p] = exp(cumA[l,k]) sum_n C[l,g,n] initial[c,k,n,p] + D[k] x[l,k,p]
//            + sum over s <= l in chunk c of products[c,g,l,s] exp(cumA[l,k] - cumA[s,k]) dt[s,k] x[s,k,p]
// Source: Mamba-2 paper, section 6, steps 1 and 4; mamba_ssm chunk_scan_ref.
// Bindings: 0 xbc [L, X | B | C] · 1 dt, 2 cumA [chunks, HEADS, 64] · 3 products [chunks, GROUPS, 64, 64] · 4 initial [chunks, HEADS, D_STATE, HEAD_DIM] · 5 head [HEADS] (A, D, bias, -) · 6 y [L, HEADS, HEAD_DIM] write · 7 Pass (uniform)
// Overrides: those of lib/ssd_tile.wgsl. Dispatch: chunks x HEADS x ceil(HEAD_DIM / 64) workgroups.
// Numerics: f32; every exponent is <= 0.
@group(0) @binding(0) var<storage, read> xbc: array<f32>;
@group(0) @binding(1) var<storage, read> dt: array<f32>;
@group(0) @binding(2) var<storage, read> cum_a: array<f32>;
@group(0) @binding(3) var<storage, read> products: array<f32>;
@group(0) @binding(4) var<storage, read> initial: array<f32>;
@group(0) @binding(5) var<storage, read> head: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> run: Pass;

fn input(token: u32, k: u32, p: u32) -> f32 {
  if (token >= run.seq_len || p >= HEAD_DIM) { return 0.0; }
  return xbc[token * xbc_stride() + k * HEAD_DIM + p];
}

@compute @workgroup_size(256)
fn ssd_chunk_scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let tx = li & 15u;
  let ty = li / 16u;
  let token0 = group.x * CHUNK;
  let k = group.y;
  let p0 = group.z * 64u;
  let of_chunk = (group.x * HEADS + k) * CHUNK;
  let of_group = (group.x * GROUPS + group_of(k)) * CHUNK;
  var sums: array<vec4f, 4>;
  for (var s0 = 0u; s0 < CHUNK; s0 += STEP) {
    for (var e = li; e < 1024u; e += 256u) {
      let s = s0 + (e & 15u);
      let l = e / 16u;
      var weight = 0.0;
      if (s <= l) {
        weight = products[(of_group + l) * CHUNK + s] * exp(cum_a[of_chunk + l] - cum_a[of_chunk + s]) * dt[of_chunk + s];
      }
      left[(e & 15u) * 64u + l] = weight;
      right[e] = input(token0 + s0 + e / 64u, k, p0 + (e & 63u));
    }
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  let c0 = c_from(group_of(k));
  for (var n0 = 0u; n0 < D_STATE; n0 += STEP) {
    for (var e = li; e < 1024u; e += 256u) {
      let l = e / 16u;
      let n = n0 + (e & 15u);
      var c = 0.0;
      if (token0 + l < run.seq_len && n < D_STATE) {
        c = xbc[(token0 + l) * xbc_stride() + c0 + n] * exp(cum_a[of_chunk + l]);
      }
      left[(e & 15u) * 64u + l] = c;
      let row = n0 + e / 64u;
      let p = p0 + (e & 63u);
      var h = 0.0;
      if (row < D_STATE && p < HEAD_DIM) { h = initial[((group.x * HEADS + k) * D_STATE + row) * HEAD_DIM + p]; }
      right[e] = h;
    }
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    let token = token0 + ty + 16u * a;
    for (var b = 0u; b < 4u; b++) {
      let p = p0 + tx + 16u * b;
      if (token < run.seq_len && p < HEAD_DIM) {
        y[(token * HEADS + k) * HEAD_DIM + p] = sums[a][b] + head[k].y * input(token, k, p);
      }
    }
  }
}

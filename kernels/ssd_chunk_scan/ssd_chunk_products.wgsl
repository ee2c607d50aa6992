// ssd_chunk_products: the products of every C with every B of its chunk, shared by the heads of a group.
//   products[c,g,l,s] = C[l,g] . B[s,g]
// Source: Mamba-2 paper, section 6, step 1; mamba_ssm ssd_bmm, _bmm_chunk_fwd.
// Bindings: 0 xbc [L, X | B | C] · 1 products [chunks, GROUPS, 64, 64] write, 0 beyond L · 2 Pass (uniform)
// Overrides: those of lib/ssd_tile.wgsl. Dispatch: chunks x GROUPS workgroups.
// Numerics: f32.
@group(0) @binding(0) var<storage, read> xbc: array<f32>;
@group(0) @binding(1) var<storage, read_write> products: array<f32>;
@group(0) @binding(2) var<uniform> run: Pass;

fn read_row(token: u32, column: u32, n: u32) -> f32 {
  if (token >= run.seq_len || n >= D_STATE) { return 0.0; }
  return xbc[token * xbc_stride() + column + n];
}

@compute @workgroup_size(256)
fn ssd_chunk_products(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let tx = li & 15u;
  let ty = li / 16u;
  let token0 = group.x * CHUNK;
  var sums: array<vec4f, 4>;
  for (var n0 = 0u; n0 < D_STATE; n0 += STEP) {
    // Neighbouring threads read neighbouring n.
    for (var e = li; e < 1024u; e += 256u) {
      let n = e & 15u;
      let token = token0 + e / 16u;
      left[n * 64u + e / 16u] = read_row(token, c_from(group.y), n0 + n);
      right[n * 64u + e / 16u] = read_row(token, b_from(group.y), n0 + n);
    }
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    for (var b = 0u; b < 4u; b++) {
      products[((group.x * GROUPS + group.y) * CHUNK + ty + 16u * a) * CHUNK + tx + 16u * b] = sums[a][b];
    }
  }
}

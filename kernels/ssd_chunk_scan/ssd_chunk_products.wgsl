// ssd_chunk_products: the products of every C with every B of its chunk, shared by the heads of a group.
//   products[c,g,s,l] = B[s,g] . C[l,g]
// Source: Mamba-2 paper, section 6, step 1; mamba_ssm ssd_bmm, _bmm_chunk_fwd.
// Bindings: 0 of lib/ssd_tile.wgsl · 1 products [chunks, GROUPS, 64, 16] fours write, 0 beyond the chunk · 2 Pass (uniform)
// Overrides: those of lib/ssd_tile.wgsl. Dispatch: chunks x GROUPS workgroups.
// Numerics: f32.
@group(0) @binding(1) var<storage, read_write> products: array<vec4f>;
@group(0) @binding(2) var<uniform> run: Pass;

@compute @workgroup_size(256)
fn ssd_chunk_products(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let tx = li & 15u;
  let ty = li / 16u;
  let chunk = run.chunks[group.x];
  var sums: array<vec4f, 4>;
  for (var n0 = 0u; n0 < D_STATE; n0 += STEP) {
    // Neighbouring threads read neighbouring n of the same tokens.
    var b = vec4f();
    var c = vec4f();
    if (n0 + tx < D_STATE) {
      b = four_tokens(chunk.x + 4u * ty, chunk.y, b_from(group.y) + n0 + tx);
      c = four_tokens(chunk.x + 4u * ty, chunk.y, c_from(group.y) + n0 + tx);
    }
    left[tx * TILE_ROW + ty] = b;
    right[tx * TILE_ROW + ty] = c;
    workgroupBarrier();
    add_tiles(&sums, tx, ty);
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    products[((group.x * GROUPS + group.y) * CHUNK + 4u * ty + a) * 16u + tx] = sums[a];
  }
}

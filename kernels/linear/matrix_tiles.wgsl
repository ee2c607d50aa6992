// matrix_tiles: the loop that every kernel of the family linear_matrix is, and what is done with the sums; joined behind them.
//   y[l,r] = (IS_ADDED ? y[l,r] : 0) + token_scale(l) sum over tiles (multiply) + (HAS_BIAS ? bias[r] : 0)
// Source: tiles in workgroup memory as in any blocked matrix product. The kernel has: Unit, what one thread brings; STEP, the columns of a tile;
//   fetch(thread, first token, first row, first column) and place(thread, unit), which put 128 tokens and 64 rows of STEP columns into workgroup
//   memory; multiply(four, eight, sums), which adds the products of 8 tokens with 4 rows; token_scale(token).
// Bindings: 2 bias [ROWS] · 4 y [L, ROWS] read_write · 5 Pass (uniform)
// Overrides: ROWS, IS_ADDED, HAS_BIAS. Dispatch: ceil(ROWS / 64) x ceil(L / 128) workgroups of 256 threads; a thread has 8 tokens of 4 rows.
// Numerics: f32, tiles in the order of the columns.
override ROWS: u32;
override IS_ADDED: u32 = 0u;
override HAS_BIAS: u32 = 0u;
const WG = 256u;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<uniform> run: Pass;

fn multiply_tiles(group: vec3u, li: u32) {
  let row0 = group.x * 64u;
  let token0 = group.y * 128u;
  let row_four = li & 15u;
  let token_eight = li / 16u;
  var sums: array<vec4f, 8>;
  // The next tiles are on their way while these are multiplied.
  var unit = fetch(li, token0, row0, 0u);
  for (var column0 = 0u; column0 < COLS; column0 += STEP) {
    place(li, unit);
    workgroupBarrier();
    if (column0 + STEP < COLS) { unit = fetch(li, token0, row0, column0 + STEP); }
    multiply(row_four, token_eight, &sums);
    workgroupBarrier();
  }
  let row = row0 + 4u * row_four;
  for (var t = 0u; t < 8u; t++) {
    let token = token0 + 8u * token_eight + t;
    if (token < run.tokens) {
      let products = sums[t] * token_scale(token);
      for (var j = 0u; j < 4u; j++) {
        if (row + j < ROWS) {
          let i = token * ROWS + row + j;
          var sum = products[j];
          if (HAS_BIAS == 1u) { sum += bias[row + j]; }
          if (IS_ADDED == 1u) { y[i] += sum; } else { y[i] = sum; }
        }
      }
    }
  }
}

// linear_matrix: the product of a matrix with the vectors of many tokens, tiled; prefill.
//   y[l,r] = (IS_ADDED ? y[l,r] : 0) + sum_c weight[r,c] x[l,c] + (HAS_BIAS ? bias[r] : 0)
// Source: linear.reference.ts.
// Bindings: 0-1 of lib/weight_words.wgsl · 3 x [L, X_STRIDE] · 2, 4, 5 of matrix_tiles.wgsl
// Overrides: those of lib/weight_words.wgsl and matrix_tiles.wgsl; X_STRIDE. Dispatch: as matrix_tiles.wgsl.
// Numerics: f32, sums in the order of the columns.
override X_STRIDE: u32;
alias Unit = mat4x4f;
const UNITS = 192u;
const STEP = 16u;
@group(0) @binding(3) var<storage, read> x: array<f32>;
// [STEP, 32] fours of tokens, [STEP, 16] fours of rows.
var<workgroup> tokens: array<vec4f, 512>;
var<workgroup> rows: array<vec4f, 256>;

// Four columns of one token's vector; 0 beyond the matrix and the sequence.
fn four_inputs(token: u32, column: u32) -> vec4f {
  if (token >= run.tokens) { return vec4f(); }
  let i = token * X_STRIDE + column;
  if (column + 3u < COLS) { return vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]); }
  var four = vec4f();
  for (var j = 0u; column + j < COLS; j++) { four[j] = x[i + j]; }
  return four;
}

fn four_of_row(row: u32, column: u32) -> vec4f {
  if (row >= ROWS || column >= COLS) { return vec4f(); }
  return four_weights(row, column);
}

// Unit `unit` of the tiles, 4 rows or tokens by 4 columns, turned so that neighbours in memory are rows or tokens.
fn fetch(unit: u32, token0: u32, row0: u32, column0: u32) -> Unit {
  let column = column0 + 4u * (unit & 3u);
  let four = unit / 4u;
  var m: Unit;
  if (unit < 64u) {
    for (var j = 0u; j < 4u; j++) { m[j] = four_of_row(row0 + 4u * four + j, column); }
  } else if (unit < UNITS) {
    for (var j = 0u; j < 4u; j++) { m[j] = four_inputs(token0 + 4u * (four - 16u) + j, column); }
  }
  return transpose(m);
}

fn place(unit: u32, m: Unit) {
  let at = 4u * (unit & 3u);
  let four = unit / 4u;
  if (unit < 64u) {
    for (var j = 0u; j < 4u; j++) { rows[(at + j) * 16u + four] = m[j]; }
  } else if (unit < UNITS) {
    for (var j = 0u; j < 4u; j++) { tokens[(at + j) * 32u + four - 16u] = m[j]; }
  }
}

fn multiply(row_four: u32, token_eight: u32, sums: ptr<function, array<vec4f, 8>>) {
  for (var k = 0u; k < STEP; k++) {
    let b = rows[k * 16u + row_four];
    let a0 = tokens[k * 32u + 2u * token_eight];
    let a1 = tokens[k * 32u + 2u * token_eight + 1u];
    sums[0] += a0.x * b; sums[1] += a0.y * b; sums[2] += a0.z * b; sums[3] += a0.w * b;
    sums[4] += a1.x * b; sums[5] += a1.y * b; sums[6] += a1.z * b; sums[7] += a1.w * b;
  }
}

fn token_scale(token: u32) -> f32 { return 1.0; }

@compute @workgroup_size(WG)
fn linear_matrix(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  multiply_tiles(group, li);
}

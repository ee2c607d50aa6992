// linear_matrix: the product of a matrix with the vectors of many tokens, tiled; prefill.
//   y[l,r] = (IS_ADDED ? y[l,r] : 0) + sum_c weight[r,c] x[l,c] + (HAS_BIAS ? bias[r] : 0)
// Source: linear.reference.ts; tiles in workgroup memory as in any blocked matrix product.
// Bindings: 0-1 of lib/weight_words.wgsl · 2 bias [ROWS] · 3 x [L, X_STRIDE] · 4 y [L, ROWS] read_write · 5 Pass (uniform)
// Overrides: those of lib/weight_words.wgsl; ROWS, X_STRIDE, IS_ADDED, HAS_BIAS. Dispatch: ceil(ROWS / 64) x ceil(L / 128) workgroups of 256 threads; a thread has 8 tokens of 4 rows.
// Numerics: f32, sums in the order of the columns.
override ROWS: u32;
override X_STRIDE: u32;
override IS_ADDED: u32 = 0u;
override HAS_BIAS: u32 = 0u;
const TOKEN_THREADS = 16u;
const WG = 256u;
const UNITS = 192u;
const STEP = 16u;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<uniform> run: Pass;
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
fn fetch(unit: u32, token0: u32, row0: u32, column0: u32) -> mat4x4f {
  let column = column0 + 4u * (unit & 3u);
  let four = unit / 4u;
  var m: mat4x4f;
  if (unit < 64u) {
    for (var j = 0u; j < 4u; j++) { m[j] = four_of_row(row0 + 4u * four + j, column); }
  } else if (unit < UNITS) {
    for (var j = 0u; j < 4u; j++) { m[j] = four_inputs(token0 + 4u * (four - 16u) + j, column); }
  }
  return transpose(m);
}

fn place(unit: u32, m: mat4x4f) {
  let at = 4u * (unit & 3u);
  let four = unit / 4u;
  if (unit < 64u) {
    for (var j = 0u; j < 4u; j++) { rows[(at + j) * 16u + four] = m[j]; }
  } else if (unit < UNITS) {
    for (var j = 0u; j < 4u; j++) { tokens[(at + j) * 2u * TOKEN_THREADS + four - 16u] = m[j]; }
  }
}

@compute @workgroup_size(WG)
fn linear_matrix(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let row0 = group.x * 64u;
  let token0 = group.y * 8u * TOKEN_THREADS;
  let row_four = li & 15u;
  let token_thread = li / 16u;
  var sums: array<vec4f, 8>;
  // The next tiles are on their way while these are multiplied.
  var unit = fetch(li, token0, row0, 0u);
  for (var column0 = 0u; column0 < COLS; column0 += STEP) {
    place(li, unit);
    workgroupBarrier();
    if (column0 + STEP < COLS) { unit = fetch(li, token0, row0, column0 + STEP); }
    for (var k = 0u; k < STEP; k++) {
      let b = rows[k * 16u + row_four];
      let a0 = tokens[(k * TOKEN_THREADS + token_thread) * 2u];
      let a1 = tokens[(k * TOKEN_THREADS + token_thread) * 2u + 1u];
      sums[0] += a0.x * b; sums[1] += a0.y * b; sums[2] += a0.z * b; sums[3] += a0.w * b;
      sums[4] += a1.x * b; sums[5] += a1.y * b; sums[6] += a1.z * b; sums[7] += a1.w * b;
    }
    workgroupBarrier();
  }
  let row = row0 + 4u * row_four;
  for (var t = 0u; t < 8u; t++) {
    let token = token0 + 8u * token_thread + t;
    if (token < run.tokens) {
      for (var j = 0u; j < 4u; j++) {
        if (row + j < ROWS) {
          let i = token * ROWS + row + j;
          var sum = sums[t][j];
          if (HAS_BIAS == 1u) { sum += bias[row + j]; }
          if (IS_ADDED == 1u) { y[i] += sum; } else { y[i] = sum; }
        }
      }
    }
  }
}

// row_product: one vector in workgroup memory, normalised on the way in, times rows of a matrix; joined in front of mat-vec kernels.
//   n = GROUPS ? x / sqrt(mean over the group(x^2) + EPSILON) * norm_weight : x;   sum_c weight[r,c] n[c] + (HAS_BIAS ? bias[r] : 0)
// Source: kernels/linear/linear.reference.ts and kernels/rms_norm/rms_norm.reference.ts.
// Bindings: 0 values [ROWS, ROW_VECTORS] of 16 bytes · 1 scales, f16 pairs [ROWS, COLS / 32] · 2 x [S, 4 X_STRIDE], the first COLS · 3 norm_weight [COLS] · 4 bias [ROWS]
// Overrides: ROWS, COLS (multiple of 4), ROW_VECTORS, X_FOURS = COLS / 4, X_STRIDE in fours, FORMAT 0 f32 1 int8 2 int4, GROUPS 0 none, EPSILON, HAS_BIAS; WG of lib/reduce.wgsl, LANES threads a row. Dispatch: S sequences x ceil(ROWS / (WG / LANES)): those that read the same rows run side by side.
// Numerics: f32; LANES partial sums a row.
override ROWS: u32;
override COLS: u32;
override ROW_VECTORS: u32;
override X_FOURS: u32;
override X_STRIDE: u32;
override FORMAT: u32 = 1u;
override GROUPS: u32 = 0u;
override EPSILON: f32 = 1e-5;
override HAS_BIAS: u32 = 0u;
override LANES: u32 = 16u;
@group(0) @binding(0) var<storage, read> values: array<vec4u>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm_weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
var<workgroup> vector: array<vec4f, X_FOURS>;

// Every thread calls it, in uniform control flow.
fn load_vector(sequence: u32, li: u32) {
  let x0 = sequence * X_STRIDE;
  if (GROUPS == 0u) {
    for (var i = li; i < X_FOURS; i += WG) { vector[i] = x[x0 + i]; }
    workgroupBarrier();
    return;
  }
  let width = X_FOURS / max(GROUPS, 1u);
  for (var start = 0u; start < X_FOURS; start += width) {
    var squares = 0.0;
    for (var i = start + li; i < start + width; i += WG) {
      let four = x[x0 + i];
      vector[i] = four * norm_weight[i];
      squares += dot(four, four);
    }
    let scale = inverseSqrt(workgroup_sum(squares, li) / f32(4u * width) + EPSILON);
    for (var i = start + li; i < start + width; i += WG) { vector[i] *= scale; }
    workgroupBarrier();
  }
}

fn scale_of(row: u32, block: u32) -> f32 {
  let i = row * (COLS / 32u) + block;
  return unpack2x16float(scales[i / 2u])[i & 1u];
}

// Eight int4 levels of one word against two fours of the vector.
fn int4_dot(word: u32, at: u32) -> f32 {
  let low = vec4f(vec4i((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 8);
  let high = vec4f(vec4i((vec4u(word) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 8);
  return dot(low, vector[at]) + dot(high, vector[at + 1u]);
}

// What 16 bytes of a row add to its product.
fn product_of(words: vec4u, scale: f32, i: u32) -> f32 {
  if (FORMAT == 0u) { return dot(bitcast<vec4f>(words), vector[i]); }
  if (FORMAT == 1u) {
    let at = 4u * i;
    return scale * (dot(vec4f(unpack4xI8(words.x)), vector[at]) + dot(vec4f(unpack4xI8(words.y)), vector[at + 1u]) +
      dot(vec4f(unpack4xI8(words.z)), vector[at + 2u]) + dot(vec4f(unpack4xI8(words.w)), vector[at + 3u]));
  }
  let at = 8u * i;
  return scale * (int4_dot(words.x, at) + int4_dot(words.y, at + 2u) + int4_dot(words.z, at + 4u) +
    int4_dot(words.w, at + 6u));
}

fn scale_at(row: u32, i: u32) -> f32 {
  if (FORMAT == 0u) { return 1.0; }
  if (FORMAT == 1u) { return scale_of(row, i / 2u); }
  return scale_of(row, i);
}

// The product of `row` with the sequence's vector, which is loaded on the way; valid in the row's first lane. Every thread calls it, in
// uniform control flow. The row's first bytes are asked for before the vector: both then come at the same time.
fn row_product(row: u32, sequence: u32, li: u32) -> f32 {
  let lane = li % LANES;
  var ahead: array<vec4u, 4>;
  var ahead_scale: array<f32, 4>;
  for (var j = 0u; j < 4u; j++) {
    let i = lane + j * LANES;
    if (row < ROWS && i < ROW_VECTORS) {
      ahead[j] = values[row * ROW_VECTORS + i];
      ahead_scale[j] = scale_at(row, i);
    }
  }
  load_vector(sequence, li);
  var sum = 0.0;
  for (var j = 0u; j < 4u; j++) {
    let i = lane + j * LANES;
    if (row < ROWS && i < ROW_VECTORS) { sum += product_of(ahead[j], ahead_scale[j], i); }
  }
  if (row < ROWS) {
    for (var i = lane + 4u * LANES; i < ROW_VECTORS; i += LANES) {
      sum += product_of(values[row * ROW_VECTORS + i], scale_at(row, i), i);
    }
  }
  sum = lanes_sum(sum, li, LANES);
  if (HAS_BIAS == 1u && row < ROWS) { sum += bias[row]; }
  return sum;
}

// weight_words: reads four neighbouring weights of a row; joined in front of kernels that read a matrix by words.
//   int8: values[r,c] * f16(scales[r, c / 32]);   int4: (nibble - 8) * the same;   f32: as it is
// Source: docs/model-format.md; int4 as in kernels/linear/quantize_int4.ts.
// Bindings: 0 values [ROWS, ROW_WORDS] words of 4 bytes, rows padded to 16 bytes · 1 scales, f16 pairs [ROWS, COLS / 32]
// Overrides: FORMAT 0 f32, 1 int8, 2 int4; COLS; ROW_WORDS.
// Numerics: an int8 or int4 times an f16 is exact in f32.
override FORMAT: u32 = 1u;
override COLS: u32;
override ROW_WORDS: u32;
@group(0) @binding(0) var<storage, read> values: array<u32>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;

fn scale_of(row: u32, column: u32) -> f32 {
  let i = row * (COLS / 32u) + column / 32u;
  return unpack2x16float(scales[i / 2u])[i & 1u];
}

// The levels of columns `column` to `column + 3`, without their scale; int8 and int4. `column` is a multiple of 4.
fn four_levels(row: u32, column: u32) -> vec4i {
  if (FORMAT == 1u) { return unpack4xI8(values[row * ROW_WORDS + column / 4u]); }
  let word = values[row * ROW_WORDS + column / 8u] >> (16u * ((column / 4u) & 1u));
  return vec4i((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 8;
}

// The weights of columns `column` to `column + 3`; `column` is a multiple of 4. Columns beyond COLS are 0 in f32.
fn four_weights(row: u32, column: u32) -> vec4f {
  if (FORMAT == 0u) {
    let i = row * ROW_WORDS + column;
    return bitcast<vec4f>(vec4u(values[i], values[i + 1u], values[i + 2u], values[i + 3u]));
  }
  return vec4f(four_levels(row, column)) * scale_of(row, column);
}

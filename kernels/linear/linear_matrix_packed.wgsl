// linear_matrix_packed: linear_matrix for int8 and int4 weights by dot products of four int8 at once, on what quantize_activations makes; prefill.
//   y[l,r] = (IS_ADDED ? y[l,r] : 0) + sum_b f16(scales[r,b]) x_scale[l,b] sum_{c in b} values[r,c] (256 high[l,c] + low[l,c]) + (HAS_BIAS ? bias[r] : 0)
// Source: linear.reference.ts; kernels/linear/linear_int8.as.ts, which does the same on the processor.
// Bindings: 0 values [ROWS, ROW_WORDS] words, read in fours · 1 scales, f16 pairs [ROWS, COLS / 32] · 3 digits [L, COLS / 32, high | low, 32] int8, read in sixteens · 6 x_scale [L, COLS / 32] · 2, 4, 5 of matrix_tiles.wgsl
// Overrides: FORMAT 1 int8, 2 int4; COLS (multiple of 32), ROW_WORDS; those of matrix_tiles.wgsl. Dispatch: as matrix_tiles.wgsl.
// Numerics: exact in i32 within a block (below 2^28), f32 between blocks.
override FORMAT: u32 = 1u;
override COLS: u32;
override ROW_WORDS: u32;
const STEP = 32u;
const ROW_UNITS = 32u;
const UNITS = 160u;
@group(0) @binding(0) var<storage, read> values: array<vec4u>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read> digits: array<vec4u>;
@group(0) @binding(6) var<storage, read> x_scale: array<f32>;
// One block of 32 columns: [high words, low words; 16, 32] fours of tokens, [8, 16] fours of rows, and the scales of each.
var<workgroup> tokens: array<vec4u, 512>;
var<workgroup> rows: array<vec4u, 128>;
var<workgroup> token_scales: array<f32, 128>;
var<workgroup> row_scales: array<f32, 64>;

// Four words of 4 rows or tokens, and the scale of one of either.
struct Unit { words: array<vec4u, 4>, scale: f32 }

// Four int4 levels, each with 8 added, as four int8.
fn widened(levels: u32) -> u32 {
  let pairs = (levels | (levels << 8u)) & 0x00ff00ffu;
  let nibbles = ((pairs | (pairs << 4u)) & 0x0f0f0f0fu) ^ 0x08080808u;
  return nibbles | ((nibbles & 0x08080808u) * 0x1eu);
}

// Sixteen weights of a block of 32, the first ones or the others.
fn sixteen_weights(row: u32, block: u32, part: u32) -> vec4u {
  let at = row * (ROW_WORDS / 4u);
  if (FORMAT == 1u) { return values[at + 2u * block + part]; }
  let all = values[at + block];
  let pair = select(all.xy, all.zw, part == 1u);
  return vec4u(widened(pair.x & 0xffffu), widened(pair.x >> 16u), widened(pair.y & 0xffffu), widened(pair.y >> 16u));
}

// 0 beyond the matrix and the sequences.
fn fetch_words(unit: u32, token0: u32, row0: u32, block: u32) -> array<vec4u, 4> {
  var words: array<vec4u, 4>;
  for (var j = 0u; j < 4u; j++) {
    if (unit < ROW_UNITS) {
      let row = row0 + 4u * (unit / 2u) + j;
      if (row < ROWS) { words[j] = sixteen_weights(row, block, unit & 1u); }
    } else if (unit < UNITS) {
      let token = token0 + 4u * ((unit - ROW_UNITS) / 4u) + j;
      if (token < run.tokens) { words[j] = digits[4u * (token * (COLS / 32u) + block) + (unit & 3u)]; }
    }
  }
  return words;
}

// Thread `i`'s scale: of a row, then of a token.
fn fetch_scale(i: u32, token0: u32, row0: u32, block: u32) -> f32 {
  if (i < 64u) {
    let at = min(row0 + i, ROWS - 1u) * (COLS / 32u) + block;
    return unpack2x16float(scales[at / 2u])[at & 1u];
  }
  return x_scale[min(token0 + i - 64u, run.tokens - 1u) * (COLS / 32u) + block];
}

fn fetch(unit: u32, token0: u32, row0: u32, column0: u32) -> Unit {
  let block = column0 / 32u;
  return Unit(fetch_words(unit, token0, row0, block), fetch_scale(min(unit, 191u), token0, row0, block));
}

// Turned, so that neighbours in memory are rows or tokens.
fn place(unit: u32, fetched: Unit) {
  if (unit < 64u) { row_scales[unit] = fetched.scale; } else if (unit < 192u) { token_scales[unit - 64u] = fetched.scale; }
  let words = fetched.words;
  for (var j = 0u; j < 4u; j++) {
    let turned = vec4u(words[0][j], words[1][j], words[2][j], words[3][j]);
    if (unit < ROW_UNITS) {
      rows[(4u * (unit & 1u) + j) * 16u + unit / 2u] = turned;
    } else if (unit < UNITS) {
      tokens[(4u * (unit & 3u) + j) * 32u + (unit - ROW_UNITS) / 4u] = turned;
    }
  }
}

fn four_dots(token: u32, row: vec4u) -> vec4i {
  return vec4i(dot4I8Packed(token, row.x), dot4I8Packed(token, row.y), dot4I8Packed(token, row.z),
    dot4I8Packed(token, row.w));
}

fn multiply(row_four: u32, token_eight: u32, sums: ptr<function, array<vec4f, 8>>) {
  // Written out, since Dawn clears what is declared in a loop only the first time.
  var dots = array<vec4i, 8>();
  // All high digits first: the low ones then go on in the same sums.
  for (var digit = 0u; digit < 2u; digit++) {
    if (digit == 1u) {
      for (var t = 0u; t < 8u; t++) { dots[t] *= 256; }
    }
    for (var k = 0u; k < 8u; k++) {
      let b = rows[k * 16u + row_four];
      let a0 = tokens[((8u * digit + k) * 16u + token_eight) * 2u];
      let a1 = tokens[((8u * digit + k) * 16u + token_eight) * 2u + 1u];
      dots[0] += four_dots(a0.x, b); dots[1] += four_dots(a0.y, b);
      dots[2] += four_dots(a0.z, b); dots[3] += four_dots(a0.w, b);
      dots[4] += four_dots(a1.x, b); dots[5] += four_dots(a1.y, b);
      dots[6] += four_dots(a1.z, b); dots[7] += four_dots(a1.w, b);
    }
  }
  let r = 4u * row_four;
  let of_rows = vec4f(row_scales[r], row_scales[r + 1u], row_scales[r + 2u], row_scales[r + 3u]);
  for (var t = 0u; t < 8u; t++) { sums[t] += vec4f(dots[t]) * (token_scales[8u * token_eight + t] * of_rows); }
}

// Those of the blocks are in the sums.
fn token_scale(token: u32) -> f32 { return 1.0; }

@compute @workgroup_size(WG)
fn linear_matrix_packed(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  multiply_tiles(group, li);
}

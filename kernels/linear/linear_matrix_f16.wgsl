enable f16;
// linear_matrix_f16: linear_matrix for int8 and int4 weights in f16, on what halve_activations makes; prefill.
//   y[l,r] = (IS_ADDED ? y[l,r] : 0) + x_scale[l] sum_b f16(scales[r,b]) sum_{c in b} values[r,c] half[l,c] + (HAS_BIAS ? bias[r] : 0)
// Source: linear.reference.ts.
// Bindings: 0-1 of lib/weight_words.wgsl · 3 half [L, COLS] f16, read in eights · 6 x_scale [L] · 2, 4, 5 of matrix_tiles.wgsl
// Overrides: those of lib/weight_words.wgsl and matrix_tiles.wgsl; FORMAT 1 or 2, COLS a multiple of 32. Dispatch: as matrix_tiles.wgsl.
// Numerics: levels are exact in f16, activations below 32; sums of FEW products stay below 2^15 in f16 and are added up in f32.
alias Half = vec4<f16>;
const STEP = 32u;
const FEW = 8u;
const ROW_UNITS = 64u;
const UNITS = 192u;
@group(0) @binding(3) var<storage, read> half: array<vec4u>;
@group(0) @binding(6) var<storage, read> x_scale: array<f32>;
// One block of 32 columns: [32, 32] fours of tokens, [32, 16] fours of rows, and the scales of these.
var<workgroup> tokens: array<Half, 1024>;
var<workgroup> rows: array<Half, 512>;
var<workgroup> row_scales: array<f32, 64>;

// Eight columns of 4 rows or tokens, and the scale of one row.
struct Unit { eights: array<vec4u, 4>, scale: f32 }

fn eight_levels(row: u32, column: u32) -> vec4u {
  return vec4u(bitcast<vec2u>(Half(four_levels(row, column))), bitcast<vec2u>(Half(four_levels(row, column + 4u))));
}

// 0 beyond the matrix and the sequences.
fn fetch(unit: u32, token0: u32, row0: u32, column0: u32) -> Unit {
  var fetched = Unit();
  let column = column0 + 8u * (unit & 3u);
  for (var j = 0u; j < 4u; j++) {
    if (unit < ROW_UNITS) {
      let row = row0 + 4u * (unit / 4u) + j;
      if (row < ROWS) { fetched.eights[j] = eight_levels(row, column); }
    } else if (unit < UNITS) {
      let token = token0 + 4u * ((unit - ROW_UNITS) / 4u) + j;
      if (token < run.tokens) { fetched.eights[j] = half[(token * COLS + column) / 8u]; }
    }
  }
  if (unit < 64u) { fetched.scale = scale_of(min(row0 + unit, ROWS - 1u), column0); }
  return fetched;
}

// Four columns of `eights`, the first ones or the others, turned so that neighbours in memory are rows or tokens.
fn turned(eights: array<vec4u, 4>, part: u32) -> mat4x4<f16> {
  var m: mat4x4<f16>;
  for (var j = 0u; j < 4u; j++) { m[j] = bitcast<Half>(select(eights[j].xy, eights[j].zw, part == 1u)); }
  return transpose(m);
}

fn place(unit: u32, fetched: Unit) {
  if (unit < 64u) { row_scales[unit] = fetched.scale; }
  for (var part = 0u; part < 2u; part++) {
    let at = 8u * (unit & 3u) + 4u * part;
    let m = turned(fetched.eights, part);
    for (var j = 0u; j < 4u; j++) {
      if (unit < ROW_UNITS) {
        rows[(at + j) * 16u + unit / 4u] = m[j];
      } else if (unit < UNITS) {
        tokens[(at + j) * 32u + (unit - ROW_UNITS) / 4u] = m[j];
      }
    }
  }
}

fn multiply(row_four: u32, token_eight: u32, sums: ptr<function, array<vec4f, 8>>) {
  let r = 4u * row_four;
  let of_rows = vec4f(row_scales[r], row_scales[r + 1u], row_scales[r + 2u], row_scales[r + 3u]);
  for (var k0 = 0u; k0 < STEP; k0 += FEW) {
    // Written out, since Dawn clears what is declared in a loop only the first time.
    var few = array<Half, 8>();
    for (var k = k0; k < k0 + FEW; k++) {
      let b = rows[k * 16u + row_four];
      let a0 = tokens[k * 32u + 2u * token_eight];
      let a1 = tokens[k * 32u + 2u * token_eight + 1u];
      few[0] += a0.x * b; few[1] += a0.y * b; few[2] += a0.z * b; few[3] += a0.w * b;
      few[4] += a1.x * b; few[5] += a1.y * b; few[6] += a1.z * b; few[7] += a1.w * b;
    }
    for (var t = 0u; t < 8u; t++) { sums[t] += vec4f(few[t]) * of_rows; }
  }
}

fn token_scale(token: u32) -> f32 { return x_scale[token]; }

@compute @workgroup_size(WG)
fn linear_matrix_f16(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  multiply_tiles(group, li);
}

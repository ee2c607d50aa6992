// quantize_activations: vectors as integers of 16 bits in blocks of 32 with one scale each, split into two digits of 8; prefill, before linear_matrix_packed.
//   scale[l,b] = max over block b |x[l,c]| / 32639;   round(x[l,c] / scale) = 256 high[l,c] + low[l,c], both within int8
// Source: kernels/linear/activations.as.ts, whose digits have 7 bits.
// Bindings: 0 x [L, COLS], read in fours · 1 digits [L, COLS / 32, high | low, 8] words of four, write · 2 scale [L, COLS / 32] write · 3 Pass (uniform)
// Overrides: COLS, a multiple of 32; WG. Dispatch: ceil(L COLS / 32 / WG), one thread a block.
// Numerics: f32; the rounding is within 1.6e-5 of a block's largest number.
override COLS: u32;
override WG: u32 = 64u;
// 127 * 256 + 127: the high digit stays within int8.
const LEVELS = 32639.0;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> digits: array<u32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<uniform> run: Pass;

@compute @workgroup_size(WG)
fn quantize_activations(@builtin(global_invocation_id) id: vec3u) {
  let block = id.x;
  if (block >= run.tokens * (COLS / 32u)) { return; }
  // The lower bound keeps the inverse finite; such a block rounds to zeros or nearly so.
  var largest = vec4f(1e-30);
  for (var j = 0u; j < 8u; j++) { largest = max(largest, abs(x[8u * block + j])); }
  let size = max(max(largest.x, largest.y), max(largest.z, largest.w));
  let inverse = LEVELS / size;
  for (var j = 0u; j < 8u; j++) {
    let q = vec4i(round(x[8u * block + j] * inverse));
    let high = (q + 128) >> vec4u(8u);
    digits[16u * block + j] = pack4xI8(high);
    digits[16u * block + 8u + j] = pack4xI8(q - 256 * high);
  }
  scale[block] = size / LEVELS;
}

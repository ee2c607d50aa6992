enable f16;
// halve_activations: vectors as f16 with one scale each; prefill, before linear_matrix_f16.
//   scale[l], a power of two with 16 <= max_c |x[l,c]| / scale < 32;   half[l,c] = f16(x[l,c] / scale)
// Source: as any f16 training with loss scaling; sums of eight products with an int8 then stay below 2^15.
// Bindings: 0 x [L, COLS], read in fours · 1 half [L, COLS] write · 2 scale [L] write · 3 Pass (uniform)
// Overrides: COLS, a multiple of 4. Dispatch: L workgroups of 64 threads, one a vector.
// Numerics: exact but for f16's 11 bits; what is 2^-19 times the largest number and less has fewer.
override COLS: u32;
const WG = 64u;
// Such a vector's scale and its inverse are finite; its numbers round to less than 16, or to 0.
const LEAST_EXPONENT = -100;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> half: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<uniform> run: Pass;
var<workgroup> largest: array<f32, WG>;

@compute @workgroup_size(WG)
fn halve_activations(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let fours = COLS / 4u;
  let first = group.x * fours;
  var fours_largest = vec4f();
  for (var i = li; i < fours; i += WG) { fours_largest = max(fours_largest, abs(x[first + i])); }
  largest[li] = max(max(fours_largest.x, fours_largest.y), max(fours_largest.z, fours_largest.w));
  workgroupBarrier();
  for (var apart = WG / 2u; apart > 0u; apart /= 2u) {
    if (li < apart) { largest[li] = max(largest[li], largest[li + apart]); }
    workgroupBarrier();
  }
  let exponent = max(frexp(largest[0]).exp, LEAST_EXPONENT) - 5;
  for (var i = li; i < fours; i += WG) { half[first + i] = vec4<f16>(ldexp(x[first + i], vec4i(-exponent))); }
  if (li == 0u) { scale[group.x] = ldexp(1.0, exponent); }
}

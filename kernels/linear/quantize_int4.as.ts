// Makes int4 weights from int8 ones: for each row and 32 columns the scale d and the levels q in -8..7 that leave the least
// sum of w (x - d q)^2, with weights w = x^2 + mean(x^2): large numbers count more, as they do in a product.
// Search: for inverse scales between 7.0 and 9.0 over the largest number (its sign makes it -8), round, then solve for the
// best d; the best of all candidates is kept and rounded to binary16, and the levels are rounded once more with that.
// Source of the search: ggml's make_qx_quants.
import { floatToHalf, halfToFloat, madd, sumLanes } from '../lib/simd.as';

const CANDIDATES: i32 = 13;

@inline
function levels(x: v128, inverse: v128): v128 {
  const q = f32x4.nearest(f32x4.mul(x, inverse));
  return f32x4.pmax(f32x4.pmin(q, f32x4.splat(7.0)), f32x4.splat(-8.0));
}

@inline
function four(p: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(v128.load_ext<i8>(p)));
}

/** One block of 32 int8 `p`, in units of their own scale: the best d. */
function bestScale(p: usize): f32 {
  let squares = f32x4.splat(0.0);
  let largest: f32 = 0;
  let size: f32 = 0;
  for (let i: usize = 0; i < 32; i++) {
    const v = <f32>load<i8>(p + i);
    if (abs(v) > size) {
      size = abs(v);
      largest = v;
    }
  }
  if (size == 0) return 0;
  for (let i: usize = 0; i < 32; i += 4) {
    const x = four(p + i);
    squares = madd(x, x, squares);
  }
  const mean = f32x4.splat(sumLanes(squares) * (1.0 / 32.0));
  let best: f32 = -1;
  let scale: f32 = 0;
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    const inverse = f32x4.splat(-(<f32>7.0 + <f32>candidate * <f32>(2.0 / 12.0)) / largest);
    let products = f32x4.splat(0.0);
    let norms = products;
    for (let i: usize = 0; i < 32; i += 4) {
      const x = four(p + i);
      const q = levels(x, inverse);
      const weighted = f32x4.mul(q, madd(x, x, mean));
      products = madd(weighted, x, products);
      norms = madd(weighted, q, norms);
    }
    const product = sumLanes(products);
    const norm = sumLanes(norms);
    // What the best d takes off the error.
    const gain = norm > 0 ? (product * product) / norm : <f32>0;
    if (gain > best) {
      best = gain;
      scale = product / norm;
    }
  }
  return scale;
}

/**
 * One block of 16 rows. `values` [16, cols] int8, `scales` [16, cols / 32] binary16, row-major (fewer `rows` leave zeros);
 * `packed` and `packedScales` are laid out as linear_int4.as.ts reads them; `scratch` 16 * cols bytes.
 */
export function quantizeInt4(
  values: usize,
  scales: usize,
  rows: i32,
  cols: i32,
  packed: usize,
  packedScales: usize,
  scratch: usize,
): void {
  const groups = cols >> 5;
  memory.fill(scratch, 8, <usize>cols << 4);
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < groups; g++) {
      const p = values + <usize>(r * cols + (g << 5));
      const unit = halfToFloat(load<u16>(scales + (<usize>(r * groups + g) << 1)));
      const bits = floatToHalf(bestScale(p) * unit);
      store<u16>(packedScales + (<usize>((g << 4) + r) << 1), <u16>bits);
      const rounded = halfToFloat(bits);
      const inverse = f32x4.splat(rounded == 0 ? 0 : unit / rounded);
      const to = scratch + <usize>(r * cols + (g << 5));
      for (let i: usize = 0; i < 32; i += 4) {
        const q = i32x4.trunc_sat_f32x4_s(levels(four(p + i), inverse));
        const shifted = i32x4.add(q, i32x4.splat(8));
        const narrow = i16x8.narrow_i32x4_s(shifted, shifted);
        v128.store_lane<i32>(to + i, i8x16.narrow_i16x8_u(narrow, narrow), 0);
      }
    }
  }
  const row = <usize>cols;
  for (let k: usize = 0; k < row; k += 4) {
    for (let r: usize = 0; r < 8; r++) {
      const at = scratch + r * row + k;
      store<u32>(packed + (r << 2), load<u32>(at) | (load<u32>(at + (row << 3)) << 4));
    }
    packed += 32;
  }
}

// linear with f32 weights: matrices whose columns do not fill blocks of 32, and Mamba-1's dt_proj.
// Weights: in blocks of 16 rows, for each column the 16 rows. y [tokens, ldy]. Numerics: f32, one sum per row.
import { madd } from '../lib/simd.as';

export function linearF32(
  values: usize,
  cols: i32,
  x: usize,
  ldx: i32,
  tokens: i32,
  firstBlock: i32,
  lastBlock: i32,
  y: usize,
  ldy: i32,
  isAdded: bool,
): void {
  for (let block = firstBlock; block < lastBlock; block++) {
    const weights = values + (<usize>block * <usize>cols << 6);
    for (let t = 0; t < tokens; t++) {
      const row = x + (<usize>t * <usize>ldx << 2);
      const out = y + ((<usize>t * <usize>ldy + (<usize>block << 4)) << 2);
      let s0 = isAdded ? v128.load(out) : f32x4.splat(0.0);
      let s1 = isAdded ? v128.load(out, 16) : f32x4.splat(0.0);
      let s2 = isAdded ? v128.load(out, 32) : f32x4.splat(0.0);
      let s3 = isAdded ? v128.load(out, 48) : f32x4.splat(0.0);
      let p = weights;
      for (let k: usize = 0, n = <usize>cols << 2; k < n; k += 4) {
        const v = v128.load_splat<f32>(row + k);
        s0 = madd(v128.load(p), v, s0);
        s1 = madd(v128.load(p, 16), v, s1);
        s2 = madd(v128.load(p, 32), v, s2);
        s3 = madd(v128.load(p, 48), v, s3);
        p += 64;
      }
      v128.store(out, s0);
      v128.store(out, s1, 16);
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
    }
  }
}

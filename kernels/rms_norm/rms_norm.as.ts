// rms_norm: y[d] = x[d] / sqrt(mean(x^2) + epsilon) * weight[d], one row.
// Layout, f32: x [D], weight [D], y [D]; D a multiple of 4. y may be x.
// Numerics: f32, sum of squares in four lanes times two.
import { madd, sumLanes } from '../lib/simd.as';

export function rmsNorm(x: usize, weight: usize, width: i32, epsilon: f32, y: usize): void {
  let s0 = f32x4.splat(0.0);
  let s1 = s0;
  const end = x + (<usize>width << 2);
  let at = x;
  for (; at + 32 <= end; at += 32) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    s0 = madd(a, a, s0);
    s1 = madd(b, b, s1);
  }
  if (at < end) {
    const a = v128.load(at);
    s0 = madd(a, a, s0);
  }
  const mean: f32 = sumLanes(f32x4.add(s0, s1)) / <f32>width;
  const scale = f32x4.splat(1.0 / Mathf.sqrt(mean + epsilon));
  for (let i: usize = 0, n = <usize>width << 2; i < n; i += 16) {
    v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), scale), v128.load(weight + i)));
  }
}

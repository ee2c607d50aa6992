// gated_rms_norm on values that are gated already (y * silu(z), done where y is made): each of `groups` equal groups of
// channels is normalised by itself, one row.
// Layout, f32: y [D], weight [D], out [D]; D / groups a multiple of 4. out may be y.
import { rmsNorm } from '../rms_norm/rms_norm.as';

export function gatedRmsNorm(
  y: usize,
  weight: usize,
  width: i32,
  groups: i32,
  epsilon: f32,
  out: usize,
): void {
  const groupWidth = width / groups;
  const stride = <usize>groupWidth << 2;
  for (let g = 0; g < groups; g++) {
    rmsNorm(y, weight, groupWidth, epsilon, out);
    y += stride;
    weight += stride;
    out += stride;
  }
}

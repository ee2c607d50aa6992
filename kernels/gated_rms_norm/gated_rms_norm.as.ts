// gated_rms_norm on values that are gated already (y * silu(z), done where y is made): each of `groups` equal groups of
// channels is normalised by itself, one row.
// Layout, f32: y [D], weight [D], out [D]; D / groups a multiple of 4. out may be y.
import { rmsNorm } from '../rms_norm/rms_norm.as';

/** y *= gate, [D]: the gate of models that normalise first. */
export function gateNormed(y: usize, gate: usize, width: i32): void {
  for (let i: usize = 0, end = <usize>width << 2; i < end; i += 16) {
    v128.store(y + i, f32x4.mul(v128.load(y + i), v128.load(gate + i)));
  }
}

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

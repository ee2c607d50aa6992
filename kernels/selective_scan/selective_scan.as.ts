// selective_scan: the Mamba-1 recurrence over a sequence, channels [first, last), token by token. The first step reads
// stateIn, all write stateOut. Layouts and numerics: selective_state_update.as.ts; rows with their own strides.
import { selectiveStateUpdate } from '../selective_state_update/selective_state_update.as';

export function selectiveScan(
  x: usize,
  ldx: i32,
  dt: usize,
  lddt: i32,
  A: usize,
  B: usize,
  C: usize,
  ldbc: i32,
  D: usize,
  gate: usize,
  ldg: i32,
  stateIn: usize,
  stateOut: usize,
  y: usize,
  ldy: i32,
  tokens: i32,
  dState: i32,
  first: i32,
  last: i32,
): void {
  // Four channels at a time through all tokens: their state stays in the nearest cache.
  for (let c = first; c < last; c += 4) {
    let from = stateIn;
    for (let t = 0; t < tokens; t++) {
      selectiveStateUpdate(
        x + ((<usize>t * <usize>ldx) << 2),
        dt + ((<usize>t * <usize>lddt) << 2),
        A,
        B + ((<usize>t * <usize>ldbc) << 2),
        C + ((<usize>t * <usize>ldbc) << 2),
        D,
        gate + ((<usize>t * <usize>ldg) << 2),
        from,
        stateOut,
        y + ((<usize>t * <usize>ldy) << 2),
        dState,
        c,
        c + 4,
      );
      from = stateOut;
    }
  }
}

// linear: y[t, r] (+)= sum_c weight[r, c] x[t, c] for whole blocks of 16 rows, whatever the weights are stored as.
import { MATRIX_F32, MATRIX_INT8, Matrix } from '../lib/matrix.as';
import { halfToFloat } from '../lib/simd.as';
import { linearF32 } from './linear_f32.as';
import { matmulInt4, matvecInt4 } from './linear_int4.as';
import { matmulInt8, matvecInt8 } from './linear_int8.as';

/**
 * `x` [tokens, ldx] f32 is read for f32 weights only, `digits` and `blocks` (activations.as.ts) for the others; `isPaired` says
 * how several tokens were stored there. `scratch`: 50 * cols bytes of the calling thread's own.
 */
export function linear(
  m: Matrix,
  x: usize,
  ldx: i32,
  digits: usize,
  blocks: usize,
  tokens: i32,
  firstBlock: i32,
  lastBlock: i32,
  y: usize,
  ldy: i32,
  isAdded: bool,
  isPaired: bool,
  scratch: usize,
): void {
  const v = m.values;
  const s = m.scales;
  const k = m.cols;
  const f = firstBlock;
  const l = lastBlock;
  if (m.kind == MATRIX_F32) {
    linearF32(v, k, x, ldx, tokens, f, l, y, ldy, isAdded);
  } else if (m.kind == MATRIX_INT8) {
    if (tokens == 1) matvecInt8(v, s, k, m.offset, digits, blocks, f, l, y, isAdded);
    else matmulInt8(v, s, k, m.offset, digits, blocks, tokens, f, l, y, ldy, isAdded, isPaired, scratch);
  } else {
    if (tokens == 1) matvecInt4(v, s, k, digits, blocks, f, l, y, isAdded, scratch);
    else matmulInt4(v, s, k, digits, blocks, tokens, f, l, y, ldy, isAdded, isPaired, scratch);
  }
}

/** Row `row` of an f32 or int8 matrix, multiplied out into `out` [cols] f32: the embedding of a token. */
export function readRow(m: Matrix, row: i32, out: usize): void {
  const cols = m.cols;
  const block = <usize>(row >> 4);
  const r = <usize>(row & 15);
  if (m.kind == MATRIX_F32) {
    const p = m.values + ((block * <usize>cols) << 6) + (r << 2);
    for (let k: usize = 0; k < <usize>cols; k++) store<f32>(out + (k << 2), load<f32>(p + (k << 6)));
    return;
  }
  const groups = <usize>cols >> 5;
  const p = m.values + ((block * <usize>cols) << 4);
  const s = m.scales + ((block * groups) << 5) + (r << 1);
  for (let k: usize = 0; k < <usize>cols; k++) {
    const scale = halfToFloat(load<u16>(s + ((k >> 5) << 5)));
    const at = ASC_FEATURE_RELAXED_SIMD
      ? ((k >> 2) << 6) + (r << 2) + (k & 3)
      : ((k >> 1) << 5) + (r << 1) + (k & 1);
    const q = ASC_FEATURE_RELAXED_SIMD ? <i32>load<u8>(p + at) : <i32>load<i8>(p + at);
    const value = m.offset == 128 || !ASC_FEATURE_RELAXED_SIMD ? q - m.offset : <i32>(<i8>q);
    store<f32>(out + (k << 2), <f32>value * scale);
  }
}

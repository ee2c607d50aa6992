// linear with int4 weights, made from the int8 ones at load time: value = (nibble - 8) * f16(scale), blocks of 32 columns.
//
// Weights, in blocks of 16 rows: for each four columns 32 bytes [row % 8][column % 4], rows 0-7 in the low nibbles, rows 8-15
// in the high ones.
// The relaxed build multiplies the nibbles as they are (offset 8). Several tokens, and the plain build, first unpack a row
// block into the layout of linear_int8.as.ts in the thread's scratch.
import { highHalves, lowHalves } from '../lib/simd.as';
import { addDigits } from './exact_block.as';
import { matmulInt8, matvecInt8 } from './linear_int8.as';

/** From memory, as those of simd.as.ts. */
const NIBBLES = memory.data<u32>([0x0f0f0f0f]);

@inline
function nibbles(): v128 {
  return v128.load_splat<i32>(NIBBLES);
}
@inline
function low(v: v128): v128 {
  return v128.and(v, nibbles());
}
@inline
function high(v: v128): v128 {
  return v128.and(i16x8.shr_u(v, 4), nibbles());
}

/** Four rows by four columns of bytes into two times (four rows by two columns), for the plain build's pairs. */
@inline
function storePairs(quads: v128, target: usize): void {
  v128.store_lane<i64>(target, v128.shuffle<u16>(quads, quads, 0, 2, 4, 6, 1, 3, 5, 7), 0);
  v128.store_lane<i64>(target + 32, v128.shuffle<u16>(quads, quads, 0, 2, 4, 6, 1, 3, 5, 7), 1);
}

/** One row block [cols / 4, 2, 16 bytes] into the int8 layout of this build, 16 * cols bytes. */
function unpackBlock(p: usize, cols: i32, target: usize): void {
  const eight = i8x16.splat(8);
  for (let k = 0; k < cols; k += 4) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(target, low(a));
      v128.store(target, low(b), 16);
      v128.store(target, high(a), 32);
      v128.store(target, high(b), 48);
    } else {
      storePairs(i8x16.sub(low(a), eight), target);
      storePairs(i8x16.sub(low(b), eight), target + 8);
      storePairs(i8x16.sub(high(a), eight), target + 16);
      storePairs(i8x16.sub(high(b), eight), target + 24);
    }
    p += 32;
    target += 64;
  }
}

/** Offset of what `unpackBlock` writes. */
const UNPACKED_OFFSET: i32 = ASC_FEATURE_RELAXED_SIMD ? 8 : 0;

/** As matvecInt8. `scratch`: 16 * cols bytes of the calling thread's own. */
export function matvecInt4(
  values: usize,
  scales: usize,
  cols: i32,
  digits: usize,
  blocks: usize,
  firstBlock: i32,
  lastBlock: i32,
  y: usize,
  isAdded: bool,
  scratch: usize,
): void {
  const groups = cols >> 5;
  const size = <usize>cols << 3;
  if (!ASC_FEATURE_RELAXED_SIMD) {
    for (let block = firstBlock; block < lastBlock; block++) {
      unpackBlock(values + size * <usize>block, cols, scratch);
      const own = scales + ((<usize>groups * <usize>block) << 5);
      const out = y + (<usize>block << 6);
      matvecInt8(scratch, own, cols, UNPACKED_OFFSET, digits, blocks, 0, 1, out, isAdded);
    }
    return;
  }
  let p = values + size * <usize>firstBlock;
  let s = scales + ((<usize>groups * <usize>firstBlock) << 5);
  let out = y + (<usize>firstBlock << 6);
  for (let block = firstBlock; block < lastBlock; block++) {
    let f0 = f32x4.splat(0.0);
    let f1 = f0;
    let f2 = f0;
    let f3 = f0;
    let x = digits;
    let b = blocks;
    for (let g = 0; g < groups; g++) {
      let h0 = i32x4.splat(0);
      let h1 = h0;
      let h2 = h0;
      let h3 = h0;
      let l0 = i32x4.splat(-8 * load<i32>(b, 4));
      let l1 = l0;
      let l2 = l0;
      let l3 = l0;
      for (let k = 0; k < 8; k++) {
        const xh = v128.load_splat<i32>(x);
        const xl = v128.load_splat<i32>(x, 4);
        const a = v128.load(p);
        const c = v128.load(p, 16);
        let w = low(a);
        h0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xh, w, h0);
        l0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xl, w, l0);
        w = low(c);
        h1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xh, w, h1);
        l1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xl, w, l1);
        w = high(a);
        h2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xh, w, h2);
        l2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xl, w, l2);
        w = high(c);
        h3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xh, w, h3);
        l3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(xl, w, l3);
        p += 32;
        x += 8;
      }
      const scale = v128.load_splat<f32>(b);
      const s0 = v128.load(s);
      const s1 = v128.load(s, 16);
      f0 = addDigits(h0, l0, lowHalves(s0), scale, f0);
      f1 = addDigits(h1, l1, highHalves(s0), scale, f1);
      f2 = addDigits(h2, l2, lowHalves(s1), scale, f2);
      f3 = addDigits(h3, l3, highHalves(s1), scale, f3);
      s += 32;
      b += 8;
    }
    if (isAdded) {
      f0 = f32x4.add(f0, v128.load(out));
      f1 = f32x4.add(f1, v128.load(out, 16));
      f2 = f32x4.add(f2, v128.load(out, 32));
      f3 = f32x4.add(f3, v128.load(out, 48));
    }
    v128.store(out, f0);
    v128.store(out, f1, 16);
    v128.store(out, f2, 32);
    v128.store(out, f3, 48);
    out += 64;
  }
}

/** As matmulInt8. `scratch`: 50 * cols bytes of the calling thread's own. */
export function matmulInt4(
  values: usize,
  scales: usize,
  cols: i32,
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
  const groups = cols >> 5;
  const unpacked = scratch + <usize>cols * 34;
  for (let block = firstBlock; block < lastBlock; block++) {
    unpackBlock(values + (<usize>cols << 3) * <usize>block, cols, unpacked);
    matmulInt8(
      unpacked,
      scales + ((<usize>groups * <usize>block) << 5),
      cols,
      UNPACKED_OFFSET,
      digits,
      blocks,
      tokens,
      0,
      1,
      y + (<usize>block << 6),
      ldy,
      isAdded,
      isPaired,
      scratch,
    );
  }
}

// linear with int8 weights: y[r] = sum over blocks b of f16(scales[r,b]) * scale[b] * sum_c values[r,c] q[c], the inner sum
// exact in i32. Activations: activations.as.ts.
//
// Weights, in blocks of 16 rows, so that a lane is a row and nothing is summed across lanes. Relaxed build: for each four
// columns, 16 rows of four bytes (`values + offset`, offset 0 or 128: cpuModule.ts finds out how the engine reads the second
// operand of `relaxed_dot_i8x16_i7x16_add_s`). Plain build: for each two columns, 16 rows of two bytes, offset 0.
// Scales: for each 32 columns, 16 rows of binary16.
import { highHalves, lowHalves } from '../lib/simd.as';
import { addBlock, addDigits, dot } from './exact_block.as';
import { multiplyPaired, widenBlock } from './linear_paired.as';

/** Bytes of one row block's values. */
@inline
function blockBytes(cols: i32): usize {
  return <usize>cols << 4;
}

/**
 * One token against row blocks [firstBlock, lastBlock). y [rows] f32; isAdded: y += instead of y =.
 */
export function matvecInt8(
  values: usize,
  scales: usize,
  cols: i32,
  offset: i32,
  digits: usize,
  blocks: usize,
  firstBlock: i32,
  lastBlock: i32,
  y: usize,
  isAdded: bool,
): void {
  const groups = cols >> 5;
  let p = values + blockBytes(cols) * <usize>firstBlock;
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
      const scale = v128.load_splat<f32>(b);
      const s0 = v128.load(s);
      const s1 = v128.load(s, 16);
      if (ASC_FEATURE_RELAXED_SIMD) {
        let h0 = i32x4.splat(0);
        let h1 = h0;
        let h2 = h0;
        let h3 = h0;
        let l0 = i32x4.splat(-load<i32>(b, 4) * offset);
        let l1 = l0;
        let l2 = l0;
        let l3 = l0;
        for (let k = 0; k < 8; k++) {
          {
            const high = v128.load_splat<i32>(x, 0);
            const low = v128.load_splat<i32>(x, 4);
            const w0 = v128.load(p, 0);
            h0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(high, w0, h0);
            l0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(low, w0, l0);
            const w1 = v128.load(p, 16);
            h1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(high, w1, h1);
            l1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(low, w1, l1);
            const w2 = v128.load(p, 32);
            h2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(high, w2, h2);
            l2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(low, w2, l2);
            const w3 = v128.load(p, 48);
            h3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(high, w3, h3);
            l3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(low, w3, l3);
          }
          p += 64;
          x += 8;
        }
        f0 = addDigits(h0, l0, lowHalves(s0), scale, f0);
        f1 = addDigits(h1, l1, highHalves(s0), scale, f1);
        f2 = addDigits(h2, l2, lowHalves(s1), scale, f2);
        f3 = addDigits(h3, l3, highHalves(s1), scale, f3);
      } else {
        let i0 = i32x4.splat(0);
        let i1 = i0;
        let i2 = i0;
        let i3 = i0;
        for (let k = 0; k < 4; k++) {
          {
            const pair = v128.load_splat<i32>(x, 0);
            i0 = dot(v128.load_ext<i8>(p, 0), pair, i0);
            i1 = dot(v128.load_ext<i8>(p, 8), pair, i1);
            i2 = dot(v128.load_ext<i8>(p, 16), pair, i2);
            i3 = dot(v128.load_ext<i8>(p, 24), pair, i3);
          }
          {
            const pair = v128.load_splat<i32>(x, 4);
            i0 = dot(v128.load_ext<i8>(p, 32), pair, i0);
            i1 = dot(v128.load_ext<i8>(p, 40), pair, i1);
            i2 = dot(v128.load_ext<i8>(p, 48), pair, i2);
            i3 = dot(v128.load_ext<i8>(p, 56), pair, i3);
          }
          {
            const pair = v128.load_splat<i32>(x, 8);
            i0 = dot(v128.load_ext<i8>(p, 64), pair, i0);
            i1 = dot(v128.load_ext<i8>(p, 72), pair, i1);
            i2 = dot(v128.load_ext<i8>(p, 80), pair, i2);
            i3 = dot(v128.load_ext<i8>(p, 88), pair, i3);
          }
          {
            const pair = v128.load_splat<i32>(x, 12);
            i0 = dot(v128.load_ext<i8>(p, 96), pair, i0);
            i1 = dot(v128.load_ext<i8>(p, 104), pair, i1);
            i2 = dot(v128.load_ext<i8>(p, 112), pair, i2);
            i3 = dot(v128.load_ext<i8>(p, 120), pair, i3);
          }
          p += 128;
          x += 16;
        }
        f0 = addBlock(i0, lowHalves(s0), scale, f0);
        f1 = addBlock(i1, highHalves(s0), scale, f1);
        f2 = addBlock(i2, lowHalves(s1), scale, f2);
        f3 = addBlock(i3, highHalves(s1), scale, f3);
      }
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

/** The scales of one row block as f32 times 2^-112, [cols / 32, 16], into `scratch`. */
function expandScales(scales: usize, groups: i32, scratch: usize): void {
  for (let g = 0; g < groups; g++) {
    const s0 = v128.load(scales);
    const s1 = v128.load(scales, 16);
    v128.store(scratch, lowHalves(s0));
    v128.store(scratch, highHalves(s0), 16);
    v128.store(scratch, lowHalves(s1), 32);
    v128.store(scratch, highHalves(s1), 48);
    scales += 32;
    scratch += 64;
  }
}

/** Eight rows of a block times two tokens. `s`: expanded scales of these rows, 64 bytes a group. */
function tile8x2(
  p: usize,
  s: usize,
  groups: i32,
  offset: i32,
  xa: usize,
  xb: usize,
  ba: usize,
  bb: usize,
  ya: usize,
  yb: usize,
  isAdded: bool,
): void {
  let fa0 = f32x4.splat(0.0);
  let fa1 = fa0;
  let fb0 = fa0;
  let fb1 = fa0;
  for (let g = 0; g < groups; g++) {
    let ha0 = i32x4.splat(0);
    let ha1 = ha0;
    let hb0 = ha0;
    let hb1 = ha0;
    let la0 = i32x4.splat(-load<i32>(ba, 4) * offset);
    let la1 = la0;
    let lb0 = i32x4.splat(-load<i32>(bb, 4) * offset);
    let lb1 = lb0;
    for (let k = 0; k < 8; k++) {
      {
        const w0 = v128.load(p, 0);
        const w1 = v128.load(p, 16);
        let x = v128.load_splat<i32>(xa, 0);
        ha0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w0, ha0);
        ha1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w1, ha1);
        x = v128.load_splat<i32>(xa, 4);
        la0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w0, la0);
        la1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w1, la1);
        x = v128.load_splat<i32>(xb, 0);
        hb0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w0, hb0);
        hb1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w1, hb1);
        x = v128.load_splat<i32>(xb, 4);
        lb0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w0, lb0);
        lb1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w1, lb1);
      }
      p += 64;
      xa += 8;
      xb += 8;
    }
    const s0 = v128.load(s);
    const s1 = v128.load(s, 16);
    const scaleA = v128.load_splat<f32>(ba);
    fa0 = addDigits(ha0, la0, s0, scaleA, fa0);
    fa1 = addDigits(ha1, la1, s1, scaleA, fa1);
    const scaleB = v128.load_splat<f32>(bb);
    fb0 = addDigits(hb0, lb0, s0, scaleB, fb0);
    fb1 = addDigits(hb1, lb1, s1, scaleB, fb1);
    s += 64;
    ba += 8;
    bb += 8;
  }
  if (isAdded) {
    fa0 = f32x4.add(fa0, v128.load(ya));
    fa1 = f32x4.add(fa1, v128.load(ya, 16));
    fb0 = f32x4.add(fb0, v128.load(yb));
    fb1 = f32x4.add(fb1, v128.load(yb, 16));
  }
  v128.store(ya, fa0);
  v128.store(ya, fa1, 16);
  v128.store(yb, fb0);
  v128.store(yb, fb1, 16);
}

/**
 * Several tokens against row blocks [firstBlock, lastBlock): each block is read once from memory. Rows of `digits` and
 * `blocks` follow each other. y [tokens, ldy] f32. `isPaired`: how the activations are stored; they are always paired in the
 * plain build. `scratch`: 34 * cols bytes of the calling thread's own.
 */
export function matmulInt8(
  values: usize,
  scales: usize,
  cols: i32,
  offset: i32,
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
  const xStride = <usize>cols << 1;
  const bStride = <usize>groups << 3;
  const yStride = <usize>ldy << 2;
  const widened = scratch + (<usize>cols << 1);
  for (let block = firstBlock; block < lastBlock; block++) {
    const p = values + blockBytes(cols) * <usize>block;
    const out = y + (<usize>block << 6);
    expandScales(scales + ((<usize>groups * <usize>block) << 5), groups, scratch);
    if (isPaired || !ASC_FEATURE_RELAXED_SIMD) {
      widenBlock(p, cols, offset, widened);
      multiplyPaired(widened, scratch, cols, digits, blocks, tokens, out, yStride, isAdded);
      continue;
    }
    if (ASC_FEATURE_RELAXED_SIMD) {
      multiplyDigits(p, scratch, cols, offset, digits, blocks, tokens, out, yStride, isAdded);
    }
    if (tokens & 1) {
      const t = <usize>(tokens - 1);
      const x = digits + xStride * t;
      const b = blocks + bStride * t;
      matvecInt8(values, scales, cols, offset, x, b, block, block + 1, y + yStride * t, isAdded);
    }
  }
}

/** As multiplyPaired, for pairs of tokens (the last of an odd number is left out) and with the weights as they are stored. */
function multiplyDigits(
  p: usize,
  scales: usize,
  cols: i32,
  offset: i32,
  digits: usize,
  blocks: usize,
  tokens: i32,
  y: usize,
  yStride: usize,
  isAdded: bool,
): void {
  const groups = cols >> 5;
  const xStride = <usize>cols << 1;
  const bStride = <usize>groups << 3;
  for (let t = 1; t < tokens; t += 2) {
    const x = digits + xStride;
    const b = blocks + bStride;
    const out = y + yStride;
    tile8x2(p, scales, groups, offset, digits, x, blocks, b, y, out, isAdded);
    tile8x2(p + 32, scales + 32, groups, offset, digits, x, blocks, b, y + 32, out + 32, isAdded);
    digits = x + xStride;
    blocks = b + bStride;
    y = out + yStride;
  }
}

// Several tokens against one row block of int8 weights, in products of 16 bits: the exact integers of linear_int8.as.ts's
// two digits by one `i32x4.dot_i16x8_s` instead of two products and a shift. On x64 without VNNI almost twice as fast, once
// the weights have been widened for many tokens; fewestPaired.ts measures where.
//
// Activations: activations.as.ts, paired. Widened weights: for each two columns, 16 rows of two i16; the relaxed build, whose
// weights lie in fours of columns, pairs a four's first with its third and its second with its fourth, which two shifts do.
import { addBlock, dot } from './exact_block.as';

@inline
function evenBytes(w: v128): v128 {
  return i16x8.shr_s(i16x8.shl(w, 8), 8);
}
@inline
function oddBytes(w: v128): v128 {
  return i16x8.shr_s(w, 8);
}

/** One row block as linear_int8.as.ts has it, `offset` taken off. */
export function widenBlock(p: usize, cols: i32, offset: i32, target: usize): void {
  const end = p + (<usize>cols << 4);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const shift = i8x16.splat(<i8>offset);
    while (p < end) {
      const w0 = i8x16.sub(v128.load(p), shift);
      const w1 = i8x16.sub(v128.load(p, 16), shift);
      const w2 = i8x16.sub(v128.load(p, 32), shift);
      const w3 = i8x16.sub(v128.load(p, 48), shift);
      v128.store(target, evenBytes(w0));
      v128.store(target, evenBytes(w1), 16);
      v128.store(target, evenBytes(w2), 32);
      v128.store(target, evenBytes(w3), 48);
      v128.store(target, oddBytes(w0), 64);
      v128.store(target, oddBytes(w1), 80);
      v128.store(target, oddBytes(w2), 96);
      v128.store(target, oddBytes(w3), 112);
      p += 64;
      target += 128;
    }
  } else {
    while (p < end) {
      v128.store(target, v128.load_ext<i8>(p));
      v128.store(target, v128.load_ext<i8>(p, 8), 16);
      p += 16;
      target += 32;
    }
  }
}

/** 16 rows times one token. `p`: widened weights; `s`: expanded scales, 64 bytes a group. */
function tile16x1(p: usize, s: usize, groups: i32, x: usize, b: usize, y: usize, isAdded: bool): void {
  let f0 = f32x4.splat(0.0);
  let f1 = f0;
  let f2 = f0;
  let f3 = f0;
  for (let g = 0; g < groups; g++) {
    let i0 = i32x4.splat(0);
    let i1 = i0;
    let i2 = i0;
    let i3 = i0;
    for (let k = 0; k < 16; k++) {
      const pair = v128.load_splat<i32>(x);
      i0 = dot(v128.load(p), pair, i0);
      i1 = dot(v128.load(p, 16), pair, i1);
      i2 = dot(v128.load(p, 32), pair, i2);
      i3 = dot(v128.load(p, 48), pair, i3);
      p += 64;
      x += 4;
    }
    const scale = v128.load_splat<f32>(b);
    f0 = addBlock(i0, v128.load(s), scale, f0);
    f1 = addBlock(i1, v128.load(s, 16), scale, f1);
    f2 = addBlock(i2, v128.load(s, 32), scale, f2);
    f3 = addBlock(i3, v128.load(s, 48), scale, f3);
    s += 64;
    b += 8;
  }
  if (isAdded) {
    f0 = f32x4.add(f0, v128.load(y));
    f1 = f32x4.add(f1, v128.load(y, 16));
    f2 = f32x4.add(f2, v128.load(y, 32));
    f3 = f32x4.add(f3, v128.load(y, 48));
  }
  v128.store(y, f0);
  v128.store(y, f1, 16);
  v128.store(y, f2, 32);
  v128.store(y, f3, 48);
}

/**
 * 16 rows times four tokens, whose rows are `xStride`, `bStride` and `yStride` bytes apart. Joined to 256 bits its sums fill
 * half of x64's registers; six tokens, eight rows, and more or less unrolling were slower.
 */
function tile16x4(
  p: usize,
  s: usize,
  groups: i32,
  xa: usize,
  xStride: usize,
  b: usize,
  bStride: usize,
  ya: usize,
  yStride: usize,
  isAdded: bool,
): void {
  const xb = xa + xStride;
  const yb = ya + yStride;
  const xc = xb + xStride;
  const yc = yb + yStride;
  const xd = xc + xStride;
  const yd = yc + yStride;
  let fa0 = f32x4.splat(0.0);
  let fa1 = fa0;
  let fa2 = fa0;
  let fa3 = fa0;
  let fb0 = fa0;
  let fb1 = fa0;
  let fb2 = fa0;
  let fb3 = fa0;
  let fc0 = fa0;
  let fc1 = fa0;
  let fc2 = fa0;
  let fc3 = fa0;
  let fd0 = fa0;
  let fd1 = fa0;
  let fd2 = fa0;
  let fd3 = fa0;
  let at: usize = 0;
  for (let g = 0; g < groups; g++) {
    let ia0 = i32x4.splat(0);
    let ia1 = ia0;
    let ia2 = ia0;
    let ia3 = ia0;
    let ib0 = ia0;
    let ib1 = ia0;
    let ib2 = ia0;
    let ib3 = ia0;
    let ic0 = ia0;
    let ic1 = ia0;
    let ic2 = ia0;
    let ic3 = ia0;
    let id0 = ia0;
    let id1 = ia0;
    let id2 = ia0;
    let id3 = ia0;
    for (let k = 0; k < 8; k++) {
      {
        const w0 = v128.load(p, 0);
        const w1 = v128.load(p, 16);
        const w2 = v128.load(p, 32);
        const w3 = v128.load(p, 48);
        let x = v128.load_splat<i32>(xa + at, 0);
        ia0 = dot(w0, x, ia0);
        ia1 = dot(w1, x, ia1);
        ia2 = dot(w2, x, ia2);
        ia3 = dot(w3, x, ia3);
        x = v128.load_splat<i32>(xb + at, 0);
        ib0 = dot(w0, x, ib0);
        ib1 = dot(w1, x, ib1);
        ib2 = dot(w2, x, ib2);
        ib3 = dot(w3, x, ib3);
        x = v128.load_splat<i32>(xc + at, 0);
        ic0 = dot(w0, x, ic0);
        ic1 = dot(w1, x, ic1);
        ic2 = dot(w2, x, ic2);
        ic3 = dot(w3, x, ic3);
        x = v128.load_splat<i32>(xd + at, 0);
        id0 = dot(w0, x, id0);
        id1 = dot(w1, x, id1);
        id2 = dot(w2, x, id2);
        id3 = dot(w3, x, id3);
      }
      {
        const w0 = v128.load(p, 64);
        const w1 = v128.load(p, 80);
        const w2 = v128.load(p, 96);
        const w3 = v128.load(p, 112);
        let x = v128.load_splat<i32>(xa + at, 4);
        ia0 = dot(w0, x, ia0);
        ia1 = dot(w1, x, ia1);
        ia2 = dot(w2, x, ia2);
        ia3 = dot(w3, x, ia3);
        x = v128.load_splat<i32>(xb + at, 4);
        ib0 = dot(w0, x, ib0);
        ib1 = dot(w1, x, ib1);
        ib2 = dot(w2, x, ib2);
        ib3 = dot(w3, x, ib3);
        x = v128.load_splat<i32>(xc + at, 4);
        ic0 = dot(w0, x, ic0);
        ic1 = dot(w1, x, ic1);
        ic2 = dot(w2, x, ic2);
        ic3 = dot(w3, x, ic3);
        x = v128.load_splat<i32>(xd + at, 4);
        id0 = dot(w0, x, id0);
        id1 = dot(w1, x, id1);
        id2 = dot(w2, x, id2);
        id3 = dot(w3, x, id3);
      }
      p += 128;
      at += 8;
    }
    const s0 = v128.load(s, 0);
    const s1 = v128.load(s, 16);
    const s2 = v128.load(s, 32);
    const s3 = v128.load(s, 48);
    let scale = v128.load_splat<f32>(b);
    fa0 = addBlock(ia0, s0, scale, fa0);
    fa1 = addBlock(ia1, s1, scale, fa1);
    fa2 = addBlock(ia2, s2, scale, fa2);
    fa3 = addBlock(ia3, s3, scale, fa3);
    scale = v128.load_splat<f32>(b + bStride);
    fb0 = addBlock(ib0, s0, scale, fb0);
    fb1 = addBlock(ib1, s1, scale, fb1);
    fb2 = addBlock(ib2, s2, scale, fb2);
    fb3 = addBlock(ib3, s3, scale, fb3);
    scale = v128.load_splat<f32>(b + 2 * bStride);
    fc0 = addBlock(ic0, s0, scale, fc0);
    fc1 = addBlock(ic1, s1, scale, fc1);
    fc2 = addBlock(ic2, s2, scale, fc2);
    fc3 = addBlock(ic3, s3, scale, fc3);
    scale = v128.load_splat<f32>(b + 3 * bStride);
    fd0 = addBlock(id0, s0, scale, fd0);
    fd1 = addBlock(id1, s1, scale, fd1);
    fd2 = addBlock(id2, s2, scale, fd2);
    fd3 = addBlock(id3, s3, scale, fd3);
    s += 64;
    b += 8;
  }
  if (isAdded) {
    fa0 = f32x4.add(fa0, v128.load(ya));
    fa1 = f32x4.add(fa1, v128.load(ya, 16));
    fa2 = f32x4.add(fa2, v128.load(ya, 32));
    fa3 = f32x4.add(fa3, v128.load(ya, 48));
    fb0 = f32x4.add(fb0, v128.load(yb));
    fb1 = f32x4.add(fb1, v128.load(yb, 16));
    fb2 = f32x4.add(fb2, v128.load(yb, 32));
    fb3 = f32x4.add(fb3, v128.load(yb, 48));
    fc0 = f32x4.add(fc0, v128.load(yc));
    fc1 = f32x4.add(fc1, v128.load(yc, 16));
    fc2 = f32x4.add(fc2, v128.load(yc, 32));
    fc3 = f32x4.add(fc3, v128.load(yc, 48));
    fd0 = f32x4.add(fd0, v128.load(yd));
    fd1 = f32x4.add(fd1, v128.load(yd, 16));
    fd2 = f32x4.add(fd2, v128.load(yd, 32));
    fd3 = f32x4.add(fd3, v128.load(yd, 48));
  }
  v128.store(ya, fa0);
  v128.store(ya, fa1, 16);
  v128.store(ya, fa2, 32);
  v128.store(ya, fa3, 48);
  v128.store(yb, fb0);
  v128.store(yb, fb1, 16);
  v128.store(yb, fb2, 32);
  v128.store(yb, fb3, 48);
  v128.store(yc, fc0);
  v128.store(yc, fc1, 16);
  v128.store(yc, fc2, 32);
  v128.store(yc, fc3, 48);
  v128.store(yd, fd0);
  v128.store(yd, fd1, 16);
  v128.store(yd, fd2, 32);
  v128.store(yd, fd3, 48);
}

/**
 * y[t, 16 rows] (+)= block . x[t] for `tokens` rows of pairs and blocks that follow each other; y rows `yStride` bytes apart.
 * `scales`: expanded, [cols / 32, 16]. `widened`: what `widenBlock` made.
 */
export function multiplyPaired(
  widened: usize,
  scales: usize,
  cols: i32,
  pairs: usize,
  blocks: usize,
  tokens: i32,
  y: usize,
  yStride: usize,
  isAdded: bool,
): void {
  const groups = cols >> 5;
  const xStride = <usize>cols << 1;
  const bStride = <usize>groups << 3;
  let t = 0;
  for (; t + 4 <= tokens; t += 4) {
    tile16x4(widened, scales, groups, pairs, xStride, blocks, bStride, y, yStride, isAdded);
    pairs += 4 * xStride;
    blocks += 4 * bStride;
    y += 4 * yStride;
  }
  for (; t < tokens; t++) {
    tile16x1(widened, scales, groups, pairs, blocks, y, isAdded);
    pairs += xStride;
    blocks += bStride;
    y += yStride;
  }
}

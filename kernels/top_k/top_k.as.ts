// top_k: the k largest logits of a row with their ids, and the sum of all exponentials, gathered piece by piece in any order:
// each thread takes in what it has just computed, and the threads' findings are joined at the end.
//
// A Top is followed by k logits (f32), largest first, among equals the lowest id first, and by their k ids (i32).
import { exp4, maxLane, sumLanes } from '../lib/simd.as';

@unmanaged
class Top {
  count: i32;
  /** The largest logit so far. */
  max: f32;
  /** Sum of exp(logit - max). */
  sum: f32;
}

@inline
function logitsOf(top: usize): usize {
  return top + 16;
}

@inline
function tokensOf(top: usize, k: i32): usize {
  return logitsOf(top) + (<usize>k << 2);
}

/** `top`: 16 + 8 k bytes. */
export function clearTop(top: usize): void {
  const t = changetype<Top>(top);
  t.count = 0;
  t.max = -Infinity;
  t.sum = 0;
}

/** Takes in logits [first, last) of the row at `logits`. */
export function takeLogits(top: usize, k: i32, logits: usize, first: i32, last: i32): void {
  const t = changetype<Top>(top);
  let threshold = f32x4.splat(leastWanted(top, k));
  let largest = f32x4.splat(-Infinity);
  let i = first;
  for (; i + 4 <= last; i += 4) {
    const v = v128.load(logits + (<usize>i << 2));
    largest = f32x4.max(largest, v);
    if (!v128.any_true(f32x4.ge(v, threshold))) continue;
    for (let lane = 0; lane < 4; lane++) insert(top, k, load<f32>(logits + (<usize>(i + lane) << 2)), i + lane);
    threshold = f32x4.splat(leastWanted(top, k));
  }
  for (; i < last; i++) {
    const logit = load<f32>(logits + (<usize>i << 2));
    largest = f32x4.max(largest, f32x4.splat(logit));
    insert(top, k, logit, i);
  }
  raise(t, maxLane(largest));
  if (t.max == -Infinity) return;

  const max = f32x4.splat(t.max);
  let sum = f32x4.splat(0.0);
  i = first;
  for (; i + 4 <= last; i += 4) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(logits + (<usize>i << 2)), max)));
  t.sum += sumLanes(sum);
  for (; i < last; i++) t.sum += exponential(load<f32>(logits + (<usize>i << 2)) - t.max);
}

/** Takes in what another thread has found in other logits of the row. */
export function joinTop(top: usize, k: i32, other: usize): void {
  const t = changetype<Top>(top);
  const o = changetype<Top>(other);
  if (o.max == -Infinity) return;
  raise(t, o.max);
  t.sum += o.sum * exponential(o.max - t.max);
  for (let i: usize = 0; i < <usize>o.count << 2; i += 4) {
    insert(top, k, load<f32>(logitsOf(other) + i), load<i32>(tokensOf(other, k) + i));
  }
}

/** Makes `max` the largest logit so far if it is, and the sum one of its multiples. */
function raise(t: Top, max: f32): void {
  if (!(max > t.max)) return;
  t.sum *= exponential(t.max - max);
  t.max = max;
}

@inline
function exponential(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** What a logit has to reach to be among the k largest. */
@inline
function leastWanted(top: usize, k: i32): f32 {
  return changetype<Top>(top).count < k ? -Infinity : load<f32>(logitsOf(top) + (<usize>(k - 1) << 2));
}

function insert(top: usize, k: i32, logit: f32, token: i32): void {
  const t = changetype<Top>(top);
  const values = logitsOf(top);
  const tokens = tokensOf(top, k);
  let place = <usize>t.count << 2;
  while (place > 0) {
    const above = load<f32>(values + place - 4);
    if (above > logit || (above == logit && load<i32>(tokens + place - 4) < token)) break;
    place -= 4;
  }
  // A NaN is not above anything, and takes no place either.
  if (place >= <usize>k << 2 || !(logit > -Infinity)) return;
  if (t.count < k) t.count++;
  for (let to = <usize>(t.count - 1) << 2; to > place; to -= 4) {
    store<f32>(values + to, load<f32>(values + to - 4));
    store<i32>(tokens + to, load<i32>(tokens + to - 4));
  }
  store<f32>(values + place, logit);
  store<i32>(tokens + place, token);
}

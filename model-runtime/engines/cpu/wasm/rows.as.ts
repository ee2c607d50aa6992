// Steps that both architectures share: normalising rows for a product, products by pieces, embedding and head.
import { gateNormed, gatedRmsNorm } from '../../../../kernels/gated_rms_norm/gated_rms_norm.as';
import { MATRIX_F32, Matrix } from '../../../../kernels/lib/matrix.as';
import { barrier, takePiece } from '../../../../kernels/lib/team.as';
import { quantizeActivations } from '../../../../kernels/linear/activations.as';
import { linear, readRow } from '../../../../kernels/linear/linear.as';
import { clearTop, joinTop, takeLogits } from '../../../../kernels/top_k/top_k.as';
import { Plan, blocksPerPiece, takeBlocks } from './plan.as';

/** Rows that a product reads: f32, and quantized when the weights are. */
@unmanaged
export class Rows {
  x: usize;
  digits: usize;
  blocks: usize;
  /** How digits are stored: kernels/linear/activations.as.ts. */
  isPaired: bool;
}

@inline
export function ownSpace(plan: Plan, thread: i32): usize {
  return plan.own + <usize>thread * plan.ownStride;
}

/**
 * One token's row, normalised when there is a weight (`groups` groups), then times `gate` [width] when there is one, and
 * quantized when `target` needs it.
 */
function prepareRow(
  plan: Plan,
  x: usize,
  width: i32,
  weight: usize,
  groups: i32,
  gate: usize,
  target: Matrix,
  normed: usize,
  digits: usize,
  blocks: usize,
  isPaired: bool,
): void {
  if (weight) gatedRmsNorm(x, weight, width, groups, plan.epsilon, normed);
  if (gate) gateNormed(normed, gate, width);
  if (target.kind != MATRIX_F32) quantizeActivations(weight ? normed : x, width, digits, blocks, isPaired);
}

/**
 * Prepares all rows of the job for a product with `target`. One row: each thread does it for itself, which is faster than
 * waiting for another to do it. Several: shared out, with a barrier. `rows` is filled for the calling thread.
 * Without `weight` the rows are not normalised. `gate`, rows of `projectedStride`, or 0. Returns whether the job is given up.
 */
export function prepareRows(
  plan: Plan,
  thread: i32,
  threads: i32,
  x: usize,
  ldx: i32,
  tokens: i32,
  width: i32,
  weight: usize,
  groups: i32,
  gate: usize,
  target: Matrix,
  rows: Rows,
): bool {
  const isPaired = tokens >= plan.fewestPaired;
  rows.isPaired = isPaired;
  if (tokens == 1) {
    const own = ownSpace(plan, thread);
    rows.x = weight ? own : x;
    rows.digits = own + plan.ownDigits;
    rows.blocks = own + plan.ownBlocks;
    prepareRow(plan, x, width, weight, groups, gate, target, own, rows.digits, rows.blocks, isPaired);
    return false;
  }
  rows.x = weight ? plan.normed : x;
  rows.digits = plan.digits;
  rows.blocks = plan.blocks;
  for (;;) {
    const t = takePiece(plan.team, thread, threads, tokens);
    if (t < 0) break;
    prepareRow(
      plan,
      x + ((<usize>t * <usize>ldx) << 2),
      width,
      weight,
      groups,
      gate ? gate + ((<usize>t * <usize>plan.projectedStride) << 2) : 0,
      target,
      plan.normed + ((<usize>t * <usize>width) << 2),
      plan.digits + ((<usize>t * <usize>width) << 1),
      plan.blocks + ((<usize>t * <usize>(width >> 5)) << 3),
      isPaired,
    );
  }
  return barrier(plan.team, threads);
}

/** y[t, r] += bias[r] for rows [first, last) of 16 each, where there is a bias. */
export function addBias(bias: usize, tokens: i32, first: i32, last: i32, y: usize, ldy: i32): void {
  if (!bias) return;
  const end = <usize>last << 6;
  for (let t = 0; t < tokens; t++) {
    const row = y + ((<usize>t * <usize>ldy) << 2);
    for (let r = <usize>first << 6; r < end; r += 16) {
      v128.store(row + r, f32x4.add(v128.load(row + r), v128.load(bias + r)));
    }
  }
}

/** A product by pieces, without anything between the pieces and without the barrier at the end. */
export function multiply(
  plan: Plan,
  thread: i32,
  threads: i32,
  m: Matrix,
  bias: usize,
  rows: Rows,
  ldx: i32,
  tokens: i32,
  y: usize,
  ldy: i32,
  isAdded: bool,
): void {
  const piece = blocksPerPiece(m.rowBlocks, threads);
  const scratch = ownSpace(plan, thread) + plan.ownScratch;
  for (;;) {
    const first = takeBlocks(plan, thread, threads, m.rowBlocks, piece);
    if (first < 0) break;
    const last = min(first + piece, m.rowBlocks);
    linear(m, rows.x, ldx, rows.digits, rows.blocks, tokens, first, last, y, ldy, isAdded, rows.isPaired, scratch);
    addBias(bias, tokens, first, last, y, ldy);
  }
}

/** Token embeddings into `hidden`. Ends with a barrier. */
export function embed(plan: Plan, thread: i32, threads: i32): bool {
  for (;;) {
    const t = takePiece(plan.team, thread, threads, plan.tokenCount);
    if (t < 0) break;
    const token = load<i32>(plan.tokens + (<usize>t << 2));
    readRow(plan.embedding, token, plan.hidden + ((<usize>t * <usize>plan.hiddenStride) << 2));
  }
  return barrier(plan.team, threads);
}

/** Final norm and head of the last `logitRows` rows. Ends with a barrier, as what comes before it does. */
export function writeLogits(plan: Plan, thread: i32, threads: i32, rows: Rows): bool {
  const width = plan.dModel;
  const count = plan.logitRows;
  if (!count) return false;
  const first = plan.tokenCount - count;
  const ldh = plan.hiddenStride;
  const x = plan.hidden + ((<usize>first * <usize>ldh) << 2);
  if (prepareRows(plan, thread, threads, x, ldh, count, width, plan.normF, 1, 0, plan.head, rows)) {
    return true;
  }
  const searched = count > plan.topRows ? 0 : count;
  multiplyHead(plan, thread, threads, rows, count, searched);
  if (barrier(plan.team, threads)) return true;
  // Nobody writes to these any more, and nobody waits for the thread that joins them but the host.
  if (thread == 0) {
    for (let other = 1; other < threads; other++) {
      for (let row = 0; row < searched; row++) joinTop(topOf(plan, 0, row), plan.topCount, topOf(plan, other, row));
    }
  }
  return false;
}

/** The head by pieces; each thread looks for the largest logits of the first `searched` rows while its pieces are in its cache. */
function multiplyHead(plan: Plan, thread: i32, threads: i32, rows: Rows, count: i32, searched: i32): void {
  const m = plan.head;
  const stride = plan.logitsStride;
  const piece = blocksPerPiece(m.rowBlocks, threads);
  const scratch = ownSpace(plan, thread) + plan.ownScratch;
  const y = plan.logits;
  for (let row = 0; row < searched; row++) clearTop(topOf(plan, thread, row));
  for (;;) {
    const first = takeBlocks(plan, thread, threads, m.rowBlocks, piece);
    if (first < 0) break;
    const last = min(first + piece, m.rowBlocks);
    linear(m, rows.x, plan.dModel, rows.digits, rows.blocks, count, first, last, y, stride, false, rows.isPaired, scratch);
    const end = min(last << 4, plan.vocabSize);
    for (let row = 0; row < searched; row++) {
      const logits = y + ((<usize>row * <usize>stride) << 2);
      takeLogits(topOf(plan, thread, row), plan.topCount, logits, first << 4, end);
    }
  }
}

@inline
function topOf(plan: Plan, thread: i32, row: i32): usize {
  return ownSpace(plan, thread) + plan.ownTop + <usize>row * plan.topBytes;
}

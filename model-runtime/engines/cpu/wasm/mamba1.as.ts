// One Mamba-1 block over the job's tokens, by a team. Columns of in_proj: x | z; of x_proj: dt | B | C.
import { advanceConvState } from '../../../../kernels/causal_conv1d/causal_conv1d.as';
import { softplus4 } from '../../../../kernels/lib/simd.as';
import { barrier } from '../../../../kernels/lib/team.as';
import { linear } from '../../../../kernels/linear/linear.as';
import { selectiveScan } from '../../../../kernels/selective_scan/selective_scan.as';
import { convolve, gateColumns, keptInputs } from './convolution.as';
import { Layer, Plan, areSteps, blocksPerPiece, stateAfter, stateBefore, takeBlocks } from './plan.as';
import { Rows, addBias, multiply, ownSpace, prepareRows } from './rows.as';

/** Returns whether the job is given up. */
export function mamba1Block(
  plan: Plan,
  layer: Layer,
  index: i32,
  thread: i32,
  threads: i32,
  rows: Rows,
): bool {
  const tokens = plan.tokenCount;
  const hidden = plan.hidden;
  const ldh = plan.hiddenStride;
  const width = plan.dModel;
  const inner = plan.dInner;
  const inProj = layer.inProj;
  if (prepareRows(plan, thread, threads, hidden, ldh, tokens, width, layer.norm, 1, 0, inProj, rows)) {
    return true;
  }
  projectIn(plan, layer, index, thread, threads, rows);
  if (barrier(plan.team, threads)) return true;

  const x = plan.convolved;
  if (prepareRows(plan, thread, threads, x, inner, tokens, inner, 0, 1, 0, layer.xProj, rows)) return true;
  const ldl = plan.lowRankStride;
  multiply(plan, thread, threads, layer.xProj, 0, rows, inner, tokens, plan.lowRank, ldl, false);
  if (barrier(plan.team, threads)) return true;

  const piece = blocksPerPiece(layer.dtProj.rowBlocks, threads);
  for (;;) {
    const first = takeBlocks(plan, thread, threads, layer.dtProj.rowBlocks, piece);
    if (first < 0) break;
    const last = min(first + piece, layer.dtProj.rowBlocks);
    scanChannels(plan, layer, index, first, last, thread);
  }
  if (barrier(plan.team, threads)) return true;

  const y = plan.gated;
  const outProj = layer.outProj;
  if (prepareRows(plan, thread, threads, y, inner, tokens, inner, 0, 1, 0, outProj, rows)) return true;
  multiply(plan, thread, threads, outProj, layer.outProjBias, rows, inner, tokens, hidden, ldh, true);
  return barrier(plan.team, threads);
}

function projectIn(
  plan: Plan,
  layer: Layer,
  index: i32,
  thread: i32,
  threads: i32,
  rows: Rows,
): void {
  const m = layer.inProj;
  const inner = plan.dInner;
  const stride = plan.projectedStride;
  const piece = blocksPerPiece(m.rowBlocks, threads);
  const scratch = ownSpace(plan, thread) + plan.ownScratch;
  for (;;) {
    const first = takeBlocks(plan, thread, threads, m.rowBlocks, piece);
    if (first < 0) break;
    const last = min(first + piece, m.rowBlocks);
    const tokens = plan.tokenCount;
    const y = plan.projected;
    linear(m, rows.x, plan.dModel, rows.digits, rows.blocks, tokens, first, last, y, stride, false, rows.isPaired, scratch);
    addBias(layer.inProjBias, tokens, first, last, y, stride);
    const from = first << 4;
    const to = min(last << 4, 2 * inner);
    if (from < inner) convolve(plan, layer, index, 0, from, min(to, inner));
    if (to > inner) gateColumns(plan, max(from, inner), to);
  }
}

/** dt_proj and the recurrence of the channels of row blocks [first, last). */
function scanChannels(
  plan: Plan,
  layer: Layer,
  index: i32,
  first: i32,
  last: i32,
  thread: i32,
): void {
  const tokens = plan.tokenCount;
  const inner = plan.dInner;
  const dState = plan.dState;
  const from = first << 4;
  const to = min(last << 4, inner);
  const lds = plan.stepsStride;
  const low = plan.lowRank;
  const ldl = plan.lowRankStride;
  const scratch = ownSpace(plan, thread) + plan.ownScratch;
  linear(layer.dtProj, low, ldl, 0, 0, tokens, first, last, plan.steps, lds, false, false, scratch);
  for (let t = 0; t < tokens; t++) {
    const row = plan.steps + ((<usize>t * <usize>lds) << 2);
    for (let c = <usize>from << 2; c < <usize>to << 2; c += 16) {
      v128.store(row + c, softplus4(f32x4.add(v128.load(row + c), v128.load(layer.dtBias + c))));
    }
  }
  const state = layer.ssmStateOffset;
  if (areSteps(plan)) {
    for (let t = 0; t < tokens; t++) scanRows(plan, layer, t, 1, stateBefore(plan, t) + state, stateAfter(plan, t) + state, from, to);
    return;
  }
  let stateOut = plan.stateOut + state;
  if (!plan.stateOut) {
    stateOut = ownSpace(plan, thread) + plan.ownHead - ((<usize>from * <usize>dState) << 2);
    keepSteps(plan, index, from, to);
  }
  scanRows(plan, layer, 0, tokens, plan.stateIn + state, stateOut, from, to);
}

/** The recurrence over `count` tokens from row `t` on, channels [first, last). */
function scanRows(
  plan: Plan,
  layer: Layer,
  t: i32,
  count: i32,
  stateIn: usize,
  stateOut: usize,
  first: i32,
  last: i32,
): void {
  const inner = plan.dInner;
  const dState = plan.dState;
  const row = <usize>t << 2;
  const b = plan.lowRank + row * <usize>plan.lowRankStride + (<usize>plan.dtRank << 2);
  selectiveScan(
    plan.convolved + row * <usize>inner,
    inner,
    plan.steps + row * <usize>plan.stepsStride,
    plan.stepsStride,
    layer.A,
    b,
    b + (<usize>dState << 2),
    plan.lowRankStride,
    layer.D,
    plan.projected + row * <usize>plan.projectedStride + (<usize>inner << 2),
    plan.projectedStride,
    stateIn,
    stateOut,
    plan.gated + row * <usize>inner,
    inner,
    count,
    dState,
    first,
    last,
  );
}

/** Kept steps: [rows, inner] step sizes, then [rows, 2 N] B | C, the latter by whoever has the first channels. */
@inline
function keptSteps(plan: Plan, index: i32): usize {
  return keptInputs(plan, index) + ((<usize>plan.keptRows * <usize>plan.channels) << 3);
}

function keepSteps(plan: Plan, index: i32, from: i32, to: i32): void {
  const kept = keptSteps(plan, index);
  const inner = plan.dInner;
  const pairs = kept + ((<usize>plan.keptRows * <usize>inner) << 2);
  const bytes = <usize>plan.dState << 3;
  const low = plan.lowRank + (<usize>plan.dtRank << 2);
  for (let t = 0; t < plan.tokenCount; t++) {
    const offset = <usize>from << 2;
    const row = plan.steps + ((<usize>t * <usize>plan.stepsStride) << 2) + offset;
    memory.copy(kept + ((<usize>t * <usize>inner) << 2) + offset, row, <usize>(to - from) << 2);
    if (from == 0) memory.copy(pairs + <usize>t * bytes, low + ((<usize>t * <usize>plan.lowRankStride) << 2), bytes);
  }
}

/** Advances one layer's states by the first `tokenCount` kept inputs: piece 0 the convolution, piece 1 the recurrence. */
export function advanceMamba1(plan: Plan, layer: Layer, index: i32, piece: i32): void {
  const inner = plan.dInner;
  const raw = keptInputs(plan, index);
  const tokens = plan.tokenCount;
  if (piece == 0) {
    const from = plan.stateIn + layer.convStateOffset;
    const to = plan.stateOut + layer.convStateOffset;
    advanceConvState(raw, inner, from, to, inner, plan.keptInputs, tokens, 0, inner);
    return;
  }
  const convolved = raw + ((<usize>plan.keptRows * <usize>inner) << 2);
  const steps = keptSteps(plan, index);
  const b = steps + ((<usize>plan.keptRows * <usize>inner) << 2);
  const c = b + (<usize>plan.dState << 2);
  const state = layer.ssmStateOffset;
  // The outputs are not wanted again: `gated` takes them, with `convolved` standing in for the gate.
  selectiveScan(
    convolved,
    inner,
    steps,
    inner,
    layer.A,
    b,
    c,
    2 * plan.dState,
    layer.D,
    convolved,
    inner,
    plan.stateIn + state,
    plan.stateOut + state,
    plan.gated,
    inner,
    tokens,
    plan.dState,
    0,
    inner,
  );
}

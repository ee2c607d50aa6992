// One Mamba-2 block over the job's tokens, by a team. Columns of in_proj: z | x | B | C | dt.
import { exp4, softplus4 } from '../../../../kernels/lib/simd.as';
import { barrier, isGivenUp, takePiece } from '../../../../kernels/lib/team.as';
import { linear } from '../../../../kernels/linear/linear.as';
import { ssdStateUpdate } from '../../../../kernels/selective_state_update/ssd_state_update.as';
import { chunkScores, chunkWeights, ssdChunkScan } from '../../../../kernels/ssd_chunk_scan/ssd_chunk_scan.as';
import { ssdChunkState } from '../../../../kernels/ssd_chunk_state/ssd_chunk_state.as';
import { advanceConvState } from '../../../../kernels/causal_conv1d/causal_conv1d.as';
import { convolve, gateColumns, keptInputs } from './convolution.as';
import { Layer, Plan, areSteps, blocksPerPiece, stateAfter, stateBefore, takeBlocks } from './plan.as';
import { Rows, addBias, multiply, ownSpace, prepareRows } from './rows.as';

/** Returns whether the job is given up. */
export function mamba2Block(
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
  const outProj = layer.outProj;
  if (prepareRows(plan, thread, threads, hidden, ldh, tokens, width, layer.norm, 1, 0, inProj, rows)) {
    return true;
  }
  projectIn(plan, layer, index, thread, threads, rows);
  if (barrier(plan.team, threads)) return true;

  const isStepped = areSteps(plan);
  if (tokens > 1 && !isStepped) {
    scoreTokens(plan, thread, threads);
    if (barrier(plan.team, threads)) return true;
  }
  const pieces = isStepped ? plan.nHeads * tokens : plan.nHeads;
  for (;;) {
    const piece = takePiece(plan.team, thread, threads, pieces);
    if (piece < 0 || isGivenUp(plan.team)) break;
    if (isStepped) stepHead(plan, layer, piece % plan.nHeads, piece / plan.nHeads);
    else scanHead(plan, layer, index, piece, thread);
  }
  if (barrier(plan.team, threads)) return true;

  const y = plan.gated;
  const norm = layer.gatedNorm;
  const groups = plan.nGroups;
  const gate = plan.ones ? plan.projected : 0;
  if (prepareRows(plan, thread, threads, y, inner, tokens, inner, norm, groups, gate, outProj, rows)) return true;
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
  const convEnd = inner + plan.channels;
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
    const to = last << 4;
    if (from < inner) gateColumns(plan, from, min(to, inner));
    if (to > inner && from < convEnd) {
      convolve(plan, layer, index, inner, max(from, inner) - inner, min(to, convEnd) - inner);
    }
  }
}

/** C[l] . B[s] of every group, one row a piece. */
function scoreTokens(plan: Plan, thread: i32, threads: i32): void {
  const tokens = plan.tokenCount;
  const channels = plan.channels;
  const dState = plan.dState;
  const groups = plan.nGroups;
  for (;;) {
    const piece = takePiece(plan.team, thread, threads, tokens * groups);
    if (piece < 0) break;
    const group = piece % groups;
    const l = piece / groups;
    const b = plan.convolved + (<usize>(plan.dInner + group * dState) << 2);
    const c = b + (<usize>(groups * dState + l * channels) << 2);
    const row = group * plan.scoresStride + l;
    const out = plan.scores + (<usize>(row * plan.scoresStride) << 2);
    chunkScores(c, b, channels, dState, l, tokens, out);
  }
}

/** Offset of a head's state: heads follow each other whatever the strips. */
@inline
function headState(plan: Plan, layer: Layer, head: i32): usize {
  return layer.ssmStateOffset + ((<usize>head * <usize>(plan.headDim * plan.dState)) << 2);
}

@inline
function groupOf(plan: Plan, head: i32): i32 {
  return (head * plan.nGroups) / plan.nHeads;
}

/** dt within the model's limits. */
@inline
function limited(plan: Plan, dt: v128): v128 {
  return f32x4.min(f32x4.max(dt, f32x4.splat(plan.dtMin)), f32x4.splat(plan.dtMax));
}

/** One step of a head by token `t`. */
function stepHead(plan: Plan, layer: Layer, head: i32, t: i32): void {
  const at = <usize>head << 2;
  const projected = plan.projected + ((<usize>t * <usize>plan.projectedStride) << 2);
  const convolved = plan.convolved + ((<usize>t * <usize>plan.channels) << 2);
  const raw = load<f32>(projected + (<usize>(plan.dInner + plan.channels) << 2) + at);
  const step = limited(plan, softplus4(f32x4.splat(raw + load<f32>(layer.dtBias + at))));
  const decay = exp4(f32x4.mul(step, v128.load_splat<f32>(layer.A + at)));
  const dState = plan.dState;
  const b = convolved + (<usize>(plan.dInner + groupOf(plan, head) * dState) << 2);
  const state = headState(plan, layer, head);
  const row = (<usize>(head * plan.headDim)) << 2;
  ssdStateUpdate(
    convolved + row,
    f32x4.extract_lane(step, 0),
    f32x4.extract_lane(decay, 0),
    b,
    b + (<usize>(plan.nGroups * dState) << 2),
    load<f32>(layer.D + at),
    plan.ones ? plan.ones : projected + row,
    stateBefore(plan, t) + state,
    stateAfter(plan, t) + state,
    plan.gated + ((<usize>t * <usize>plan.dInner) << 2) + row,
    plan.headDim,
    dState,
  );
}

/** dt after softplus, and cum, the running sum of dt A, of one head for `tokens` rows `raw` [., stride]; zeros up to a multiple of 4. */
function stepSizes(
  plan: Plan,
  raw: usize,
  stride: i32,
  bias: f32,
  A: f32,
  tokens: i32,
  dt: usize,
  cum: usize,
): void {
  const padded = (tokens + 3) & ~3;
  for (let t = 0; t < padded; t++) {
    const at = min(t, tokens - 1);
    store<f32>(dt + (<usize>t << 2), load<f32>(raw + ((<usize>at * <usize>stride) << 2)) + bias);
  }
  for (let t: usize = 0; t < <usize>padded << 2; t += 16) {
    v128.store(dt + t, limited(plan, softplus4(v128.load(dt + t))));
  }
  let sum: f32 = 0;
  for (let t: usize = 0; t < <usize>padded << 2; t += 4) {
    if (t < <usize>tokens << 2) sum += load<f32>(dt + t) * A;
    store<f32>(cum + t, sum);
  }
}

function scanHead(plan: Plan, layer: Layer, index: i32, head: i32, thread: i32): void {
  const tokens = plan.tokenCount;
  const channels = plan.channels;
  const dState = plan.dState;
  const headDim = plan.headDim;
  const inner = plan.dInner;
  const ldw = plan.scoresStride;
  const at = <usize>head << 2;
  const group = groupOf(plan, head);
  const dt = ownSpace(plan, thread) + plan.ownHead;
  const cum = dt + (<usize>ldw << 2);
  const decay = cum + (<usize>ldw << 2);
  const weights = decay + (<usize>ldw << 2);
  const weighted = weights + (<usize>(ldw * ldw) << 2);
  const raw = plan.projected + (<usize>(inner + plan.channels) << 2) + at;
  const stride = plan.projectedStride;
  stepSizes(plan, raw, stride, load<f32>(layer.dtBias + at), load<f32>(layer.A + at), tokens, dt, cum);
  for (let t: usize = 0; t < <usize>tokens << 2; t += 16) v128.store(decay + t, exp4(v128.load(cum + t)));

  const x = plan.convolved + (<usize>(head * headDim) << 2);
  const b = plan.convolved + (<usize>(inner + group * dState) << 2);
  const c = b + (<usize>(plan.nGroups * dState) << 2);
  // A single token comes here only when its state is not to be advanced; nobody has scored it.
  const scores = tokens == 1 ? weights : plan.scores + (<usize>(group * ldw * ldw) << 2);
  if (tokens == 1) chunkScores(c, b, channels, dState, 0, 1, weights);
  chunkWeights(scores, dt, cum, tokens, ldw, weights);
  const state = headState(plan, layer, head);
  const row = <usize>(head * headDim) << 2;
  ssdChunkScan(
    x,
    channels,
    c,
    channels,
    weights,
    ldw,
    decay,
    load<f32>(layer.D + at),
    plan.ones ? plan.ones : plan.projected + row,
    plan.ones ? 0 : stride,
    plan.stateIn + state,
    plan.gated + row,
    inner,
    tokens,
    headDim,
    dState,
  );
  if (plan.stateOut) {
    const to = plan.stateOut + state;
    const from = plan.stateIn + state;
    ssdChunkState(x, channels, b, channels, dt, cum, from, to, tokens, headDim, dState, weighted);
    return;
  }
  const kept = keptSteps(plan, index) + at;
  for (let t = 0; t < tokens; t++) {
    store<f32>(kept + ((<usize>t * <usize>plan.nHeads) << 2), load<f32>(raw + ((<usize>t * <usize>stride) << 2)));
  }
}

@inline
function keptSteps(plan: Plan, index: i32): usize {
  return keptInputs(plan, index) + ((<usize>plan.keptRows * <usize>plan.channels) << 3);
}

/** Advances one layer's states by the first `tokenCount` kept inputs, one head or one share of the channels a piece. */
export function advanceMamba2(plan: Plan, layer: Layer, index: i32, thread: i32, piece: i32): void {
  const tokens = plan.tokenCount;
  const channels = plan.channels;
  const dState = plan.dState;
  const raw = keptInputs(plan, index);
  if (piece == plan.nHeads) {
    const from = plan.stateIn + layer.convStateOffset;
    const to = plan.stateOut + layer.convStateOffset;
    advanceConvState(raw, channels, from, to, channels, plan.keptInputs, tokens, 0, channels);
    return;
  }
  const head = piece;
  const at = <usize>head << 2;
  const dt = ownSpace(plan, thread) + plan.ownHead;
  const cum = dt + (<usize>plan.scoresStride << 2);
  const weighted = cum + (<usize>plan.scoresStride << 2);
  const steps = keptSteps(plan, index) + at;
  stepSizes(plan, steps, plan.nHeads, load<f32>(layer.dtBias + at), load<f32>(layer.A + at), tokens, dt, cum);
  const convolved = raw + ((<usize>plan.keptRows * <usize>channels) << 2);
  const x = convolved + (<usize>(head * plan.headDim) << 2);
  const b = convolved + (<usize>(plan.dInner + groupOf(plan, head) * dState) << 2);
  const state = headState(plan, layer, head);
  ssdChunkState(
    x,
    channels,
    b,
    channels,
    dt,
    cum,
    plan.stateIn + state,
    plan.stateOut + state,
    tokens,
    plan.headDim,
    dState,
    weighted,
  );
}

// Where everything lies in the shared memory. The host writes these structures; field order: memoryPlan.ts.
import { Matrix } from '../../../../kernels/lib/matrix.as';
import { Team, isGivenUp, takePiece } from '../../../../kernels/lib/team.as';

/** One block of the model. What an architecture does not have is 0. */
@unmanaged
export class Layer {
  norm: usize;
  inProj: Matrix;
  /** [rows of inProj, filled up to blocks of 16], or 0. */
  inProjBias: usize;
  /** [W, C] */
  convWeight: usize;
  convBias: usize;
  xProj: Matrix;
  dtProj: Matrix;
  dtBias: usize;
  /** -exp(A_log): Mamba-2 [H], Mamba-1 [D / 4, N, 4]. */
  A: usize;
  D: usize;
  gatedNorm: usize;
  outProj: Matrix;
  /** [dModel, filled up to blocks of 16], or 0. */
  outProjBias: usize;
  /** Where this layer's states begin within a state. */
  convStateOffset: usize;
  ssmStateOffset: usize;
}

@unmanaged
export class Plan {
  isMamba2: i32;
  layerCount: i32;
  dModel: i32;
  dInner: i32;
  dState: i32;
  /** dConv - 1 */
  keptInputs: i32;
  /** Channels of the convolution. */
  channels: i32;
  nHeads: i32;
  headDim: i32;
  nGroups: i32;
  dtRank: i32;
  vocabSize: i32;
  epsilon: f32;
  /** Limits of dt after softplus. */
  dtMin: f32;
  dtMax: f32;
  /** Tokens from which on products take paired activations. */
  fewestPaired: i32;
  /** [headDim] ones where the norm comes before the gate, which the recurrence then leaves out; else 0. */
  ones: usize;
  /** Array of Layer. */
  layers: usize;
  embedding: Matrix;
  normF: usize;
  head: Matrix;

  // Work space shared by the team; rows are tokens, strides in numbers.
  hidden: usize;
  hiddenStride: i32;
  normed: usize;
  digits: usize;
  blocks: usize;
  projected: usize;
  projectedStride: i32;
  convolved: usize;
  gated: usize;
  scores: usize;
  scoresStride: i32;
  lowRank: usize;
  lowRankStride: i32;
  steps: usize;
  stepsStride: i32;
  logits: usize;
  logitsStride: i32;
  // Work space of each thread, `ownStride` bytes apart.
  own: usize;
  ownStride: usize;
  ownDigits: usize;
  ownBlocks: usize;
  ownScratch: usize;
  ownHead: usize;
  /** What a thread found in its share of each row's logits (kernels/top_k), `topBytes` a row. */
  ownTop: usize;
  topBytes: usize;
  /** Largest logits to find. */
  topCount: i32;
  /** More rows than so many are only computed. */
  topRows: i32;
  team: Team;

  // One job.
  tokens: usize;
  tokenCount: i32;
  stateIn: usize;
  /** 0: the state is not advanced; what advancing it needs is kept in `kept`. */
  stateOut: usize;
  /** [tokenCount] addresses of states when every token is the next of a sequence of its own; they are advanced in place. Else 0. */
  states: usize;
  /** Whether to compute every token's logits instead of the last one's only. */
  logitRows: i32;
  kept: usize;
  /** Bytes of one layer's kept inputs. */
  keptLayerBytes: usize;
  /** Rows the kept inputs have room for. */
  keptRows: i32;
}

/** Whether the job's tokens are single steps, each of a state of its own. */
@inline
export function areSteps(plan: Plan): bool {
  return plan.states != 0 || (plan.tokenCount == 1 && plan.stateOut != 0);
}

/** The state that token `t` goes on from. */
@inline
export function stateBefore(plan: Plan, t: i32): usize {
  return plan.states ? <usize>load<u32>(plan.states + (<usize>t << 2)) : plan.stateIn;
}

/** Where the state after token `t` is written. */
@inline
export function stateAfter(plan: Plan, t: i32): usize {
  return plan.states ? <usize>load<u32>(plan.states + (<usize>t << 2)) : plan.stateOut;
}

/** Blocks of rows to take at once: some pieces for each thread, so that all end at about the same time. */
@inline
export function blocksPerPiece(rowBlocks: i32, threads: i32): i32 {
  return max(1, min(16, rowBlocks / (threads << 3)));
}

/** The first of the next blocks of rows to take, -1 when all are taken or the job is given up. */
@inline
export function takeBlocks(plan: Plan, thread: i32, threads: i32, rowBlocks: i32, perPiece: i32): i32 {
  const piece = takePiece(plan.team, thread, threads, (rowBlocks + perPiece - 1) / perPiece);
  return piece < 0 || isGivenUp(plan.team) ? -1 : piece * perPiece;
}

// The WebAssembly module of the cpu engine: whole passes of the model, each called by every thread of the team at once.
import { barrier, isGivenUp, takePiece } from '../../../../kernels/lib/team.as';
import { advanceMamba1, mamba1Block } from './mamba1.as';
import { advanceMamba2, mamba2Block } from './mamba2.as';
import { Layer, Plan } from './plan.as';
import { Rows, embed, ownSpace, writeLogits } from './rows.as';

export * from '../../../../kernels/cpuKernels.as';

@inline
function layerAt(plan: Plan, index: i32): Layer {
  return changetype<Layer>(plan.layers + <usize>index * offsetof<Layer>());
}

/** Reads the job's tokens: logits, and the state after them or what advancing it needs. Returns 1 when given up. */
export function forward(plan: Plan, thread: i32, threads: i32): i32 {
  // The last bytes of a thread's own space describe the rows it multiplies.
  const rows = changetype<Rows>(ownSpace(plan, thread) + plan.ownStride - 16);
  if (embed(plan, thread, threads)) return 1;
  for (let i = 0; i < plan.layerCount; i++) {
    const layer = layerAt(plan, i);
    const isCanceled = plan.isMamba2
      ? mamba2Block(plan, layer, i, thread, threads, rows)
      : mamba1Block(plan, layer, i, thread, threads, rows);
    if (isCanceled) return 1;
  }
  return <i32>writeLogits(plan, thread, threads, rows);
}

/** Advances the state by the first `tokenCount` tokens of the last `forward` that kept its inputs: no products. */
export function advance(plan: Plan, thread: i32, threads: i32): i32 {
  const piecesPerLayer = plan.isMamba2 ? plan.nHeads + 1 : 2;
  const pieces = plan.layerCount * piecesPerLayer;
  for (;;) {
    const piece = takePiece(plan.team, thread, threads, pieces);
    if (piece < 0 || isGivenUp(plan.team)) break;
    const index = piece / piecesPerLayer;
    const part = piece % piecesPerLayer;
    if (plan.isMamba2) advanceMamba2(plan, layerAt(plan, index), index, thread, part);
    else advanceMamba1(plan, layerAt(plan, index), index, part);
  }
  return <i32>barrier(plan.team, threads);
}

import type { TopK } from '../../sampling/sample';
import type { MemoryArea } from './memoryArea';
import type { PlanFields } from './memoryPlan';

/** A copy of what the last pass found in row `row` of its logits (kernels/top_k/top_k.as.ts). */
export function readTop(area: MemoryArea, fields: PlanFields, row: number): TopK {
  // The first thread has joined what all of them found.
  const start = fields.own + fields.ownTop + row * fields.topBytes;
  const [count = 0] = area.int32(start, 1);
  const [max = NaN, sum = NaN] = area.float32(start + 4, 2);
  const values = start + 16;
  return {
    tokens: area.int32(values + fields.topCount * 4, count).slice(),
    logits: area.float32(values, count).slice(),
    logSumExp: max + Math.log(sum),
  };
}

import { passWords } from '../../kernels/lib/pass';
import { GpuTimer } from './gpuTimer';
import { spreadOf } from '../statistics';
import { timeKernels } from './decode';
import type { Subject } from './subject';

export interface PrefillResult {
  maxChunkTokens: number;
  lengths: { tokens: number; ms: number; tokensPerSecond: number }[];
  /** By kernel, all layers, one chunk. */
  kernels: { name: string; count: number; us: number }[];
}

/** Wall clock from ids to the last token's logits, chunk after chunk with a carried state. */
export async function timePrefill(
  { engine }: Subject,
  tokens: number,
  rounds: number,
): Promise<number> {
  const { maxChunkTokens, vocabSize } = engine.info;
  const ids = Int32Array.from({ length: tokens }, (_, i) => 16 + ((i * 7919) % (vocabSize - 16)));
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const state = engine.createState();
    const start = performance.now();
    for (let i = 0; i < tokens; i += maxChunkTokens) {
      await engine.prefill(ids.subarray(i, i + maxChunkTokens), state);
    }
    times.push(performance.now() - start);
    state.dispose();
  }
  return spreadOf(times.slice(1)).median;
}

export async function measurePrefill(
  subject: Subject,
  lengths: readonly number[],
): Promise<PrefillResult> {
  const { maxChunkTokens } = subject.engine.info;
  const results: PrefillResult['lengths'] = [];
  for (const tokens of lengths) {
    const ms = await timePrefill(subject, tokens, tokens > 20_000 ? 2 : 5);
    results.push({ tokens, ms, tokensPerSecond: (tokens / ms) * 1000 });
  }
  subject.gpu.write(subject.program.run, passWords([maxChunkTokens]));
  const timed = await timeKernels(
    subject,
    subject.program.prefill,
    maxChunkTokens,
    new GpuTimer(subject.gpu),
  );
  return {
    maxChunkTokens,
    lengths: results,
    kernels: timed.map(({ name, count, usPerToken: us }) => ({ name, count, us })),
  };
}

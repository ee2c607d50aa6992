import { spreadOf } from '../statistics';
import type { Subject } from './subject';

export interface SequencesResult {
  sequences: number;
  /** Tokens of each sequence in the prefill. */
  tokens: number;
  prefillTogetherMs: number;
  prefillAloneMs: number;
  /** One token of each. */
  decodeTogetherMs: number;
  decodeAloneMs: number;
}

const ROUNDS = 30;

/** Several sequences in one pass against one after the other, all logits read back. */
export async function measureSequences(
  { engine }: Subject,
  sequences: number,
  tokens: number,
): Promise<SequencesResult> {
  const ids = Int32Array.from({ length: tokens }, (_, i) => 16 + ((i * 7919) % 400));
  const states = Array.from({ length: sequences }, () => engine.createState());
  const next = new Int32Array(sequences).fill(300);
  const time = async (run: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    return spreadOf(times.slice(ROUNDS / 3)).median;
  };
  const result = {
    sequences,
    tokens,
    prefillTogetherMs: await time(() =>
      engine.prefillMany(states.map((state) => ({ tokens: ids, state }))),
    ),
    prefillAloneMs: await time(async () => {
      for (const state of states) await engine.prefill(ids, state);
    }),
    decodeTogetherMs: await time(() => engine.decodeMany(next, states)),
    decodeAloneMs: await time(async () => {
      for (const state of states) await engine.decode(300, state);
    }),
  };
  for (const state of states) state.dispose();
  return result;
}

import type { CompiledModule } from './cpuBuild';

/** Widening the weights pays from this many tokens on, where paired products pay at all: whole passes, Zen 4, one thread and two. */
const FEWEST_PAIRED = 28;
const NEVER = 2 ** 31 - 1;

const ROWS = 32;
const COLS = 512;
const TOKENS = 16;
const ROUNDS = 5;
const CALLS = 8;

type Kernel = (...args: number[]) => void;

/**
 * From how many tokens on products are faster by pairs (kernels/linear/linear_paired.as.ts) than by digits: on x64 from a few,
 * unless the processor multiplies bytes by itself (VNNI); on ARM never. Both give the same bits. Measured, some milliseconds.
 */
export function fewestPaired({ module, isRelaxed, offset }: CompiledModule): number {
  if (!isRelaxed) return 0;
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } });
  const linear = instance.exports['linear'] as Kernel;
  // How long it takes does not depend on the numbers, so all of them are the memory's zeros.
  const [matrix, values, scales, digits] = [65536, 66048, 82432, 83456];
  const [blocks, y, scratch] = [99840, 102400, 106496];
  const fields = [1, ROWS / 16, COLS, values, scales, offset];
  new Int32Array(memory.buffer, matrix, fields.length).set(fields);
  const time = (isPaired: number) => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) {
      linear(matrix, 0, 0, digits, blocks, TOKENS, 0, ROWS / 16, y, ROWS, 0, isPaired, scratch);
    }
    return performance.now() - start;
  };
  const fastest = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    fastest.forEach((best, isPaired) => (fastest[isPaired] = Math.min(best, time(isPaired))));
  }
  const [byDigits = 0, byPairs = 0] = fastest;
  return byPairs < byDigits ? FEWEST_PAIRED : NEVER;
}

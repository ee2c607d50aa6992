import type { CompiledModule } from './cpuBuild';

const ROWS = 32;
const COLS = 64;
const TOKENS = 5;
const BLOCKS = COLS / 32;
/** binary16 of 1/8. */
const EIGHTH = 0x3000;
const LIMIT = 1e-3;

type Kernel = (...args: number[]) => void;

/**
 * Whether the module, as it is compiled here, multiplies right: a small product of known integers by the kernels for one
 * token and for several, stored in either way. Takes some milliseconds.
 */
export function computesRight({ module, isRelaxed, offset }: CompiledModule): boolean {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } });
  const { linear, quantizeActivations } = instance.exports as Record<string, Kernel>;
  if (!linear || !quantizeActivations) return false;
  const at = {
    matrix: 65536,
    values: 66048,
    scales: 70144,
    x: 71680,
    digits: 73728,
    blocks: 75776,
  };
  const [y, scratch] = [77824, 81920];
  const weight = (r: number, c: number) => ((r * 37 + c * 101) % 255) - 127;
  const input = (t: number, c: number) => ((t * 53 + c * 29) % 41) - 20;

  const values = new Uint8Array(memory.buffer, at.values, ROWS * COLS);
  const width = isRelaxed ? 4 : 2;
  for (let r = 0; r < ROWS; r++) {
    for (let c = 0; c < COLS; c++) {
      const block = (r >> 4) * 16 * COLS + Math.floor(c / width) * 16 * width;
      values[block + (r & 15) * width + (c % width)] = weight(r, c) + offset;
    }
  }
  new Uint16Array(memory.buffer, at.scales, ROWS * BLOCKS).fill(EIGHTH);
  const x = new Float32Array(memory.buffer, at.x, TOKENS * COLS);
  x.forEach((_, i) => (x[i] = input(Math.floor(i / COLS), i % COLS)));
  const fields = [1, ROWS / 16, COLS, at.values, at.scales, offset];
  new Int32Array(memory.buffer, at.matrix, fields.length).set(fields);
  const quantize = (isPaired: number) => {
    for (let t = 0; t < TOKENS; t++) {
      const row = at.digits + t * COLS * 2;
      quantizeActivations(at.x + t * COLS * 4, COLS, row, at.blocks + t * BLOCKS * 8, isPaired);
    }
  };
  const cases = [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, TOKENS],
  ] as const;
  return cases.every(([isPaired, tokens]) => {
    const { matrix, digits, blocks } = at;
    quantize(isPaired);
    linear(matrix, at.x, COLS, digits, blocks, tokens, 0, ROWS / 16, y, ROWS, 0, isPaired, scratch);
    const out = new Float32Array(memory.buffer, y, tokens * ROWS);
    return out.every((actual, i) => {
      const [t, r] = [Math.floor(i / ROWS), i % ROWS];
      let expected = 0;
      for (let c = 0; c < COLS; c++) expected += (weight(r, c) * input(t, c)) / 8;
      return Math.abs(actual - expected) < LIMIT * 127 * 20;
    });
  });
}

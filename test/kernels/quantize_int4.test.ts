import { describe, expect, it } from 'vitest';
import { encodeFloat16 } from '../../kernels/lib/float16';
import type { QuantizedRows } from '../../kernels/linear/linear.reference';
import { packInt4, quantizeInt4 } from '../../kernels/linear/quantize_int4';
import { roundToInt4 } from '../../model-runtime/engines/webgpu/roundToInt4';
import { quantize } from '../../model-runtime/model/quantize';
import { CpuKernels, type BuildName } from '../support/cpuKernels';
import { createRandom } from '../support/random';

const ROWS = 16;
const COLS = 640;
const GROUPS = COLS / 32;

/** Blocks as trained models have them, most numbers near zero, and the odd ones. */
function randomInt8(seed: number): QuantizedRows {
  const random = createRandom(seed);
  const values = Int8Array.from({ length: ROWS * COLS }, () =>
    Math.round(42 * (random() + random() + random() - 1.5) * 2),
  );
  const scales = Uint16Array.from({ length: ROWS * GROUPS }, () =>
    encodeFloat16(0.0001 + 0.01 * random()),
  );
  values.fill(0, 0, 32);
  values.fill(-128, 32, 64);
  values.fill(127, 64, 80);
  values.fill(-127, 80, 96);
  values.fill(0, 96, 128)[100] = 1;
  // Negative, subnormal, nothing.
  scales.set([-0.004, 2 ** -17, -(2 ** -20), 2 ** -24, 0].map(encodeFloat16), 4);
  scales[0] = encodeFloat16(-1);
  return { kind: 'int8', rows: ROWS, cols: COLS, values, scales };
}

/** What the cpu engine makes of the same matrix, row-major. */
function quantizeOnCpu({ values, scales }: QuantizedRows, build: BuildName) {
  const cpu = new CpuKernels(build);
  const packed = cpu.space((ROWS * COLS) / 2);
  const packedScales = cpu.space(ROWS * GROUPS * 2);
  const from = [cpu.bytes(values), cpu.bytes(scales)];
  cpu.call('quantizeInt4', ...from, ROWS, COLS, packed, packedScales, cpu.space(ROWS * COLS));
  const bytes = cpu.readBytes(packed, (ROWS * COLS) / 2);
  const halves = cpu.readHalves(packedScales, ROWS * GROUPS);
  return {
    values: Int8Array.from({ length: ROWS * COLS }, (_, i) => {
      const [r, c] = [Math.floor(i / COLS), i % COLS];
      const byte = bytes[(c >> 2) * 32 + (r & 7) * 4 + (c & 3)];
      return (r & 8 ? byte >> 4 : byte & 15) - 8;
    }),
    scales: Uint16Array.from(
      { length: ROWS * GROUPS },
      (_, i) => halves[(i % GROUPS) * 16 + Math.floor(i / GROUPS)],
    ),
  };
}

describe('int4 weights', () => {
  it.each([1, 2, 3, 4, 5])('are bit for bit those of the cpu engine, seed %i', (seed) => {
    const int8 = randomInt8(seed);
    const { values, scales } = quantizeInt4(int8);
    expect({ values, scales }).toEqual(quantizeOnCpu(int8, 'relaxed'));
    expect(new Set(values).size).toBe(16);
  });

  it('are the same in parts, and leave others their turn', async () => {
    const random = createRandom(6);
    const [rows, cols] = [129, 4096];
    const matrix = quantize(Float32Array.from({ length: rows * cols }, random), rows, cols);
    let turns = 0;
    const count = () => {
      turns++;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    const rounded = await roundToInt4(matrix);
    expect(turns).toBe(2);
    const whole = quantizeInt4(matrix);
    // Vitest takes seconds to compare so many numbers.
    expect(
      Buffer.compare(Buffer.from(rounded.values.buffer), Buffer.from(whole.values.buffer)),
    ).toBe(0);
    expect(rounded.kind === 'int8' && rounded.scales).toEqual(whole.scales);
  });

  it('are packed two a byte, the first one low', () => {
    const values = Int8Array.of(-8, 7, 0, -1);
    const packed = packInt4({ kind: 'int8', rows: 1, cols: 4, values, scales: Uint16Array.of() });
    expect([...packed]).toEqual([0xf0, 0x78]);
  });
});

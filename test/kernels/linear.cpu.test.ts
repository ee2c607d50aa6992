import { describe, expect, it } from 'vitest';
import { linearReference, type QuantizedRows } from '../../kernels/linear/linear.reference';
import { decodeFloat16, encodeFloat16 } from '../../kernels/lib/float16';
import type { CpuBuild } from '../../model-runtime/engines/cpu/cpuBuild';
import { MemoryArea } from '../../model-runtime/engines/cpu/memoryArea';
import { packMatrix } from '../../model-runtime/engines/cpu/packMatrix';
import type { Matrix } from '../../model-runtime/model/weights';
import { relativeL2 } from '../support/compare';
import { BUILDS, CpuKernels, type BuildName } from '../support/cpuKernels';
import { createRandom, uniform } from '../support/random';
import { LIMITS } from './limits';

/** Node's own processors read the relaxed product's second operand as this; see cpuBuild.ts. */
function offsetHere(build: BuildName): 0 | 128 {
  if (build === 'simd') return 0;
  const cpu = new CpuKernels(build);
  const w = randomInt8(16, 32, 1);
  const shifted = (offset: number) => {
    const y = multiply(cpu, w, uniform(createRandom(2), 32, -1, 1), 1, offset as 0 | 128);
    return relativeL2(y, linearReference(w, uniform(createRandom(2), 32, -1, 1)));
  };
  return shifted(128) < shifted(0) ? 128 : 0;
}

function randomInt8(rows: number, cols: number, seed: number): QuantizedRows {
  const random = createRandom(seed);
  const values = Int8Array.from({ length: rows * cols }, () => Math.floor(random() * 255) - 127);
  const scales = Uint16Array.from({ length: (rows * cols) / 32 }, () =>
    encodeFloat16(0.001 + 0.01 * random()),
  );
  // A processor's edge cases: the largest numbers side by side, a block of zeros, a tiny and a negative scale.
  values.fill(-127, 0, 32);
  if (rows > 1) values.fill(0, cols, cols + 32);
  scales[scales.length - 1] = encodeFloat16(2 ** -20);
  if (scales.length > 2) scales[2] = encodeFloat16(-0.004);
  return { kind: 'int8', rows, cols, values, scales };
}

/** Activations with outliers, as models have them. */
function randomActivations(tokens: number, cols: number): Float64Array {
  const random = createRandom(tokens * 31 + cols);
  return uniform(random, tokens * cols, -1, 1).map((x) => (random() < 0.01 ? 30 * x : x));
}

/** `packMatrix` writes into a MemoryArea; this hands out a test module's memory instead. */
function areaOf(cpu: CpuKernels): MemoryArea {
  const area = new MemoryArea();
  Object.defineProperties(area, {
    allocate: { value: (size: number) => cpu.zeros(size) },
    memory: { value: cpu.memory },
  });
  return area;
}

function multiply(
  cpu: CpuKernels,
  matrix: Matrix,
  x: Float64Array,
  tokens: number,
  offset: 0 | 128,
  isAdded = false,
  isPaired = false,
): Float32Array {
  const { rows, cols } = matrix;
  const build = { isRelaxed: cpu.build !== 'simd', offset } as CpuBuild;
  const packed = packMatrix(matrix, areaOf(cpu), build);
  const ldy = packed.rowBlocks * 16;
  const y = isAdded
    ? cpu.floats(new Float32Array(tokens * ldy).fill(1))
    : cpu.space(tokens * ldy * 4);
  const input = cpu.floats(x);
  const digits = cpu.space(tokens * cols * 2);
  const blocks = cpu.space(tokens * Math.ceil(cols / 32) * 8);
  if (matrix.kind === 'int8') {
    for (let t = 0; t < tokens; t++) {
      const at = [input + t * cols * 4, cols, digits + t * cols * 2, blocks + (t * cols) / 4];
      at.push(isPaired ? 1 : 0);
      cpu.call('quantizeActivations', ...at);
    }
  }
  const fields = Int32Array.from(Object.values(packed));
  const last = packed.rowBlocks;
  const m = cpu.bytes(fields);
  const scratch = cpu.space(50 * cols);
  cpu.call(
    'linear',
    m,
    input,
    cols,
    digits,
    blocks,
    tokens,
    0,
    last,
    y,
    ldy,
    isAdded ? 1 : 0,
    isPaired ? 1 : 0,
    scratch,
  );
  const out = new Float32Array(tokens * rows);
  for (let t = 0; t < tokens; t++) out.set(cpu.readFloats(y + t * ldy * 4, rows), t * rows);
  return out;
}

describe.each(BUILDS)('linear, %s build', (name) => {
  const offset = offsetHere(name);

  it.each([
    [1, 32, 1],
    [16, 32, 1],
    [17, 64, 2],
    [15, 96, 3],
    [63, 320, 5],
    [100, 640, 8],
    [48, 1280, 64],
  ])('int8: %i rows by %i columns, %i tokens', (rows, cols, tokens) => {
    const cpu = new CpuKernels(name);
    const w = randomInt8(rows, cols, rows + cols);
    const x = randomActivations(tokens, cols);
    const expected = linearReference(w, x);
    expect(relativeL2(multiply(cpu, w, x, tokens, offset), expected)).toBeLessThan(
      LIMITS.linear_int8,
    );
    const added = expected.map((y) => y + 1);
    expect(relativeL2(multiply(cpu, w, x, tokens, offset, true), added)).toBeLessThan(
      LIMITS.linear_int8,
    );
    if (tokens === 1) return;
    // Digits and pairs are two ways to the same integers.
    for (const isAdded of [false, true]) {
      const byPairs = multiply(cpu, w, x, tokens, offset, isAdded, true);
      expect(byPairs).toEqual(multiply(cpu, w, x, tokens, offset, isAdded));
    }
  });

  it.each([
    [1, 5, 1],
    [17, 48, 3],
    [64, 20, 2],
  ])('f32: %i rows by %i columns, %i tokens', (rows, cols, tokens) => {
    const cpu = new CpuKernels(name);
    const values = Float32Array.from(uniform(createRandom(rows), rows * cols, -1, 1));
    const w: Matrix = { kind: 'f32', rows, cols, values };
    const x = Float64Array.from(randomActivations(tokens, cols), Math.fround);
    const y = multiply(cpu, w, x, tokens, 0);
    expect(relativeL2(y, linearReference(w, x))).toBeLessThan(LIMITS.linear_f32);
  });

  it('gives each token the same bits alone and among others', () => {
    const cpu = new CpuKernels(name);
    const w = randomInt8(48, 640, 9);
    const x = randomActivations(7, 640);
    const together = multiply(cpu, w, x, 7, offset);
    for (let t = 0; t < 7; t++) {
      const alone = multiply(cpu, w, x.slice(t * 640, (t + 1) * 640), 1, offset);
      expect(together.slice(t * 48, (t + 1) * 48)).toEqual(alone);
    }
  });

  it('reads a row of the embedding bit by bit', () => {
    const cpu = new CpuKernels(name);
    const w = randomInt8(40, 64, 4);
    const build = { isRelaxed: name !== 'simd', offset } as CpuBuild;
    const m = cpu.bytes(Int32Array.from(Object.values(packMatrix(w, areaOf(cpu), build))));
    for (const row of [0, 1, 15, 16, 39]) {
      const out = cpu.space(64 * 4);
      cpu.call('readRow', m, row, out);
      const expected = Array.from({ length: 64 }, (_, c) => {
        const scale = decodeFloat16(w.scales[row * 2 + (c >> 5)]);
        return Math.fround(w.values[row * 64 + c] * scale);
      });
      expect(Array.from(cpu.readFloats(out, 64), (v) => v + 0)).toEqual(expected.map((v) => v + 0));
    }
  });

  it('int4: quantizes within half a step and multiplies what it made', () => {
    const cpu = new CpuKernels(name);
    const rows = 16;
    const cols = 320;
    const groups = cols / 32;
    const w = randomInt8(rows, cols, 12);
    const packed = cpu.space((rows * cols) / 2);
    const scales = cpu.space(rows * groups * 2);
    const scratch = cpu.space(18 * cols);
    const values = cpu.bytes(w.values);
    cpu.call('quantizeInt4', values, cpu.bytes(w.scales), rows, cols, packed, scales, scratch);
    const made = unpackInt4(cpu, packed, scales, rows, cols);
    for (const [tokens, isPaired] of [
      [1, 0],
      [2, 0],
      [5, 0],
      [5, 1],
    ] as const) {
      const x = randomActivations(tokens, cols);
      const digits = cpu.space(tokens * cols * 2);
      const blocks = cpu.space(tokens * groups * 8);
      const input = cpu.floats(x);
      for (let t = 0; t < tokens; t++) {
        const at = [input + t * cols * 4, cols, digits + t * cols * 2, blocks + t * groups * 8];
        at.push(isPaired);
        cpu.call('quantizeActivations', ...at);
      }
      const m = cpu.bytes(Int32Array.of(2, 1, cols, packed, scales, 0));
      const y = cpu.space(tokens * 64);
      cpu.call(
        'linear',
        m,
        input,
        cols,
        digits,
        blocks,
        tokens,
        0,
        1,
        y,
        16,
        0,
        isPaired,
        cpu.space(50 * cols),
      );
      const expected = linearReference({ kind: 'f32', rows, cols, values: made }, x);
      expect(relativeL2(cpu.readFloats(y, tokens * 16), expected)).toBeLessThan(LIMITS.linear_int4);
    }
    const original = Float32Array.from(w.values, (v, i) => v * decodeFloat16(w.scales[i >> 5]));
    // Uniform numbers in steps of 1/8 of their largest: an error of a step / sqrt(12).
    expect(relativeL2(made, original)).toBeLessThan(0.08);
  });
});

/** The numbers that int4 weights stand for, `[rows, cols]`, read from linear_int4.as.ts's layout. */
function unpackInt4(cpu: CpuKernels, packed: number, scales: number, rows: number, cols: number) {
  const bytes = cpu.readBytes(packed, (rows * cols) / 2);
  const halves = cpu.readHalves(scales, (rows * cols) / 32);
  return Float32Array.from({ length: rows * cols }, (_, i) => {
    const r = Math.floor(i / cols);
    const c = i % cols;
    const byte = bytes[(c >> 2) * 32 + (r & 7) * 4 + (c & 3)];
    const level = r & 8 ? byte >> 4 : byte & 15;
    return (level - 8) * decodeFloat16(halves[(c >> 5) * 16 + r]);
  });
}

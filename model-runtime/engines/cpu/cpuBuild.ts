import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { log } from '../../log';
import { RuntimeError } from '../../protocol/errors';
import { computesRight } from './computesRight';
import { fewestPaired } from './fewestPaired';
import { compileOptimized, joinVectors, keepVectorsApart } from './joinedVectors';

/** One of the two builds of the module and how its products read their operands here. */
export interface CompiledModule {
  module: WebAssembly.Module;
  /** Whether it uses relaxed SIMD. */
  isRelaxed: boolean;
  /** What is added to int8 weights: 128 where the relaxed product reads its second operand as unsigned. */
  offset: 0 | 128;
}

export interface CpuBuild extends CompiledModule {
  /** Tokens from which on products take paired activations (kernels/linear/activations.as.ts). */
  fewestPaired: number;
}

/**
 * `(module (func (export "dot") (result i32) ...))`: one lane of relaxed_dot_i8x16_i7x16_add_s(1, 0xff, 0) summed over four
 * bytes. -4 where the second operand is read as signed, 1020 where as unsigned; the standard leaves it to the processor.
 */
const PROBE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f, 0x03,
  0x02, 0x01, 0x00, 0x07, 0x07, 0x01, 0x03, 0x64, 0x6f, 0x74, 0x00, 0x00, 0x0a, 0x16, 0x01, 0x14,
  0x00, 0x41, 0x01, 0xfd, 0x0f, 0x41, 0x7f, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x93, 0x02,
  0xfd, 0x1b, 0x00, 0x0b,
]);
const READ_AS_SIGNED = -4;
const READ_AS_UNSIGNED = 1020;

/** Loads the faster build that works here from `folder`, or the plain one. Throws `engineUnavailable` where neither does. */
export function loadCpuBuild(folder: string, isPlain: boolean): CpuBuild {
  const offset = isPlain ? undefined : probeRelaxedProduct();
  const isRelaxed = offset !== undefined;
  const file = join(folder, isRelaxed ? 'cpu.relaxed.wasm' : 'cpu.simd.wasm');
  try {
    const how = { isRelaxed, offset: offset ?? 0 } as const;
    const compiled = compileChecked(readFileSync(file), how);
    return { ...compiled, fewestPaired: fewestPaired(compiled) };
  } catch (error) {
    throw new RuntimeError(
      'engineUnavailable',
      `The CPU kernels could not be loaded from ${file} (${String(error)}). ` +
        'Reinstall the extension, or choose another engine in the settings.',
      { cause: error },
    );
  }
}

/** An empty section of our own. It makes the module another one to V8, which keeps compiled code by a module's bytes. */
const NOTE = Uint8Array.of(0x00, 0x02, 0x01, 0x2a);

/** Compiled with joined vectors where that computes right, else without. */
function compileChecked(
  bytes: Uint8Array<ArrayBuffer>,
  how: Omit<CompiledModule, 'module'>,
): CompiledModule {
  compileOptimized();
  if (joinVectors()) {
    const build = { ...how, module: new WebAssembly.Module(bytes) };
    if (computesRight(build)) return build;
    log('runtime.load', 'V8 joins vectors wrongly on this processor; they are kept apart.');
    keepVectorsApart();
  }
  const build = { ...how, module: new WebAssembly.Module(Buffer.concat([bytes, NOTE])) };
  if (computesRight(build)) return build;
  throw new Error('they compute wrongly on this processor');
}

/** The offset for the relaxed build; undefined where it cannot be used. */
function probeRelaxedProduct(): 0 | 128 | undefined {
  if (!WebAssembly.validate(PROBE)) return undefined;
  const { dot } = new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports;
  // The probe's one export, whose type the compiler cannot know.
  const answer = (dot as () => number)();
  if (answer === READ_AS_UNSIGNED) return 128;
  return answer === READ_AS_SIGNED ? 0 : undefined;
}

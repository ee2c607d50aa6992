import { setFlagsFromString } from 'node:v8';

/**
 * V8 can compile two neighbouring 128-bit operations into one of 256 bits, which makes the products half as fast again on
 * processors with AVX2. It calls this experimental, so it is used only in the version of Node that the extension ships and
 * that the tests run on, and only after `computesRight`.
 */
const TESTED_NODE = 24;

/** Changes how modules are compiled from now on. Returns whether vectors are joined. */
export function joinVectors(): boolean {
  const [major] = process.versions.node.split('.');
  if (Number(major) !== TESTED_NODE || process.arch !== 'x64') return false;
  setFlagsFromString('--experimental-wasm-revectorize');
  // In a function that was inlined into a larger one it finds nothing to join.
  setFlagsFromString('--no-wasm-inlining');
  return true;
}

export function keepVectorsApart(): void {
  setFlagsFromString('--no-experimental-wasm-revectorize');
}

/** The quick first compiler's code would be measured and checked in the place of what runs later. */
export function compileOptimized(): void {
  setFlagsFromString('--no-liftoff');
}

// Compiles the cpu engine's kernels (AssemblyScript) into its two WebAssembly modules, when a source is newer than they are.
import { execFile } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');
const ENTRY = 'model-runtime/engines/cpu/wasm/module.as.ts';
const SOURCES = ['kernels', 'model-runtime/engines/cpu/wasm'];
const BUILDS = {
  'cpu.simd.wasm': 'simd,threads,bulk-memory',
  'cpu.relaxed.wasm': 'simd,threads,bulk-memory,relaxed-simd',
};

const run = promisify(execFile);

/** Writes both modules into `folder`. */
export async function buildCpuKernels(/** @type {string} */ folder) {
  await mkdir(folder, { recursive: true });
  const newest = Math.max(...(await Promise.all(SOURCES.map(newestSource))));
  for (const [file, features] of Object.entries(BUILDS)) {
    const outFile = path.join(folder, file);
    if ((await modified(outFile)) > newest) continue;
    // A process of its own: the compiler's types would otherwise replace Node's in everything that is checked with this.
    await run(process.execPath, [
      path.join(ROOT, 'node_modules/assemblyscript/bin/asc.js'),
      ENTRY,
      ...['--baseDir', ROOT, '--outFile', path.relative(ROOT, outFile)],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', features],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ]);
  }
}

async function newestSource(/** @type {string} */ folder) {
  const names = await readdir(path.join(ROOT, folder), { recursive: true });
  const sources = names.filter((name) => name.endsWith('.as.ts'));
  const times = sources.map((name) => modified(path.join(ROOT, folder, name)));
  return Math.max(...(await Promise.all(times)));
}

/** 0 for a file that is not there. */
async function modified(/** @type {string} */ file) {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}

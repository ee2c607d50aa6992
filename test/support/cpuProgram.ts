import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const ROOT = path.resolve(__dirname, '../..');

/** Where the tests' builds of the runtime and of the cpu engine's parts lie. */
export const PROGRAM_FOLDER = path.join(ROOT, 'out/test');

/** Vitest's global set-up: builds the kernels and the worker that tests of the cpu engine start. */
export default async function buildCpuProgram(): Promise<void> {
  const script = pathToFileURL(path.join(ROOT, 'scripts/buildCpuKernels.mjs')).href;
  const { buildCpuKernels } = (await import(script)) as {
    buildCpuKernels: (folder: string) => Promise<void>;
  };
  await buildCpuKernels(PROGRAM_FOLDER);
  await esbuild.build({
    entryPoints: [path.join(ROOT, 'model-runtime/engines/cpu/cpuWorker.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: path.join(PROGRAM_FOLDER, 'cpuWorker.js'),
    logLevel: 'error',
  });
}

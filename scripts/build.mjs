// Bundles what runs: the extension, the runtime process, the webview, and the command-line tools.
// usage: node scripts/build.mjs [--production] [--watch]
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { buildCpuKernels } from './buildCpuKernels.mjs';

const { values: flags } = parseArgs({
  options: { production: { type: 'boolean' }, watch: { type: 'boolean' } },
});

/** @satisfies {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  minify: flags.production ?? false,
  sourcemap: flags.production ? false : 'linked',
  legalComments: 'none',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
  outdir: 'dist',
};

/** @satisfies {esbuild.BuildOptions} */
const onNode = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };

// Native modules are loaded from node_modules; everything else is bundled.
const native = ['onnxruntime-node', 'node-llama-cpp'];

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...onNode,
    entryPoints: {
      extension: 'extension/main.ts',
      runtime: 'model-runtime/main.ts',
      cpuWorker: 'model-runtime/engines/cpu/cpuWorker.ts',
    },
    external: ['vscode', ...native],
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: { webview: 'webview/main.ts' },
  },
  {
    ...onNode,
    entryPoints: {
      'scripts/complete': 'scripts/complete.ts',
      'scripts/eval': 'scripts/eval.ts',
      'scripts/humanEval': 'scripts/humanEval.ts',
      'scripts/manifest': 'scripts/manifest.ts',
      'scripts/model': 'scripts/model.ts',
      'scripts/promptLookup': 'scripts/promptLookup.ts',
      'scripts/simulateTyping': 'scripts/simulateTyping.ts',
      'scripts/quality': 'scripts/quality.ts',
      'scripts/recordGenerations': 'scripts/recordGenerations.ts',
      'bench/main': 'bench/main.ts',
      'bench/worker': 'bench/worker.ts',
      'bench/state': 'bench/state/main.ts',
    },
    external: native,
  },
];

if (flags.production) await rm('dist', { recursive: true, force: true });
await buildCpuKernels('dist');
for (const bundle of bundles) {
  if (flags.watch) await (await esbuild.context(bundle)).watch();
  else await esbuild.build(bundle);
}

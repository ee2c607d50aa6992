// Bundles what runs: the extension, the runtime process, the webview, and the command-line tools.
// usage: node scripts/build.mjs [--production] [--watch]
import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { buildCpuKernels } from './buildCpuKernels.mjs';

const { values: flags } = parseArgs({
  options: { production: { type: 'boolean' }, watch: { type: 'boolean' } },
});

/**
 * An `import * as vscode` becomes a plain `require`: as a namespace, esbuild would copy the API's hundreds of getters anew for
 * every file that imports it, while the editor starts.
 * @type {esbuild.Plugin}
 */
const requireVscode = {
  name: 'require-vscode',
  setup(build) {
    build.onLoad({ filter: /[\\/]extension[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        "import * as vscode from 'vscode';",
        "import vscode = require('vscode');",
      ),
      loader: 'ts',
    }));
  },
};

/** @satisfies {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  minifyWhitespace: flags.production ?? false,
  minifySyntax: flags.production ?? false,
  sourcemap: flags.production ? false : 'linked',
  legalComments: 'none',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
  outdir: 'dist',
};

/** @satisfies {esbuild.BuildOptions} */
const onNode = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };

// Native modules are loaded from node_modules; everything else is bundled.
const native = ['onnxruntime-node', 'node-llama-cpp', 'webgpu'];

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...onNode,
    entryPoints: {
      extension: 'extension/entry.ts',
      main: 'extension/main.ts',
    },
    plugins: [requireVscode],
    external: ['vscode', './main'],
  },
  {
    ...onNode,
    entryPoints: {
      runtime: 'model-runtime/main.ts',
      modelImport: 'model-runtime/import/main.ts',
      cpuWorker: 'model-runtime/engines/cpu/cpuWorker.ts',
    },
    external: native,
  },
  {
    ...shared,
    minifyIdentifiers: flags.production ?? false,
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
      'scripts/evalRecall': 'scripts/evalRecall.ts',
      'scripts/manifest': 'scripts/manifest.ts',
      'scripts/model': 'scripts/model.ts',
      'scripts/promptLookup': 'scripts/promptLookup.ts',
      'scripts/simulateTyping': 'scripts/simulateTyping.ts',
      'scripts/quality': 'scripts/quality.ts',
      'scripts/recordGenerations': 'scripts/recordGenerations.ts',
      'bench/main': 'bench/main.ts',
      'bench/worker': 'bench/worker.ts',
      'bench/long': 'bench/long/main.ts',
      'bench/memory': 'bench/memory/main.ts',
      'bench/state': 'bench/state/main.ts',
      'bench/webgpu': 'bench/webgpu/main.ts',
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

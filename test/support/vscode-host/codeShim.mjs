#!/usr/bin/env node
// An executable that stands in for desktop VS Code under @vscode/test-electron: it takes the same arguments and runs
// the suites in VS Code's server with a headless browser as its window. The program itself is codeShimMain.ts.
import path from 'node:path';
import { createRequire } from 'node:module';
import esbuild from 'esbuild';

const outfile = path.resolve(import.meta.dirname, '../../../out/vscode-host/codeShim.cjs');
await esbuild.build({
  entryPoints: [path.join(import.meta.dirname, 'codeShimMain.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  packages: 'external',
  logLevel: 'warning',
});
createRequire(import.meta.url)(outfile);

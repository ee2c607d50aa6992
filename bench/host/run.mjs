// Bundles the probe extension and the driver, and runs the driver.
// usage: npm run bench:host [-- --json]
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import esbuild from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const out = path.join(root, 'out/bench-host');
const probeFolder = path.join(out, 'probe');
const probeVsix = path.join(out, 'probe.vsix');
const driver = path.join(out, 'main.cjs');

/** @type {esbuild.BuildOptions} */
const shared = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' };
await esbuild.build({
  ...shared,
  entryPoints: [path.join(import.meta.dirname, 'probe.ts')],
  outfile: path.join(probeFolder, 'extension.js'),
  external: ['vscode'],
});
await esbuild.build({
  ...shared,
  entryPoints: [path.join(import.meta.dirname, 'main.ts')],
  outfile: driver,
  packages: 'external',
});
mkdirSync(probeFolder, { recursive: true });
const manifest = {
  name: 'bench-probe',
  publisher: 'mamba-complete',
  version: '0.0.1',
  engines: { vscode: '^1.100.0' },
  // Starts before extensions that wait for onStartupFinished.
  activationEvents: ['*'],
  extensionKind: ['workspace'],
  main: 'extension.js',
  files: ['extension.js'],
};
writeFileSync(path.join(probeFolder, 'package.json'), JSON.stringify(manifest, null, 2));
// Only one extension can be loaded from a source folder, and that is Mamba Complete: the probe is installed.
const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
const packed = spawnSync(
  process.execPath,
  [vsce, 'package', '--out', probeVsix, '--no-dependencies', '--allow-star-activation'].concat(
    '--allow-missing-repository',
    '--skip-license',
  ),
  // Standard output is the report's.
  { cwd: probeFolder, stdio: ['ignore', 'ignore', 'inherit'] },
);
if (packed.status !== 0) throw new Error('The probe could not be packed.');
const { status } = spawnSync(process.execPath, [driver, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

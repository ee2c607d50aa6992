// Runs the mocha suites of test/extension-host in a real extension host through @vscode/test-electron.
// VSCODE_EXECUTABLE names the editor. Without it: on Linux without a display, VS Code's server with a headless browser
// (npm run setup:host); elsewhere the desktop VS Code that @vscode/test-electron downloads.
// usage: npm run test:host [-- --grep PATTERN]
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import esbuild from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const suitesFolder = path.join(root, 'test/extension-host');
const bundleFolder = path.join(root, 'out/extension-host');
const resultsFolder = path.join(root, 'test-results');
const { values: flags } = parseArgs({ options: { grep: { type: 'string' } } });

async function bundleSuites() {
  rmSync(bundleFolder, { recursive: true, force: true });
  const files = (await readdir(suitesFolder)).filter((name) =>
    /^index\.ts$|\.host\.test\.ts$/.test(name),
  );
  await esbuild.build({
    entryPoints: files.map((name) => path.join(suitesFolder, name)),
    outdir: bundleFolder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

/** @returns {{ vscodeExecutablePath?: string }} */
function editor() {
  const chosen = process.env['VSCODE_EXECUTABLE'];
  if (chosen !== undefined) return { vscodeExecutablePath: chosen };
  const hasDisplay = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  if (process.platform !== 'linux' || hasDisplay !== undefined) return {};
  return { vscodeExecutablePath: path.join(root, 'test/support/vscode-host/codeShim.mjs') };
}

/**
 * Copies what is appended to a file to the terminal.
 * @param {string} file
 * @returns {() => void} prints the rest and stops
 */
function follow(file) {
  let printed = 0;
  const print = () => {
    const content = readFileSync(file);
    process.stdout.write(content.subarray(printed));
    printed = content.length;
  };
  const timer = setInterval(print, 250);
  return () => {
    clearInterval(timer);
    print();
  };
}

await bundleSuites();
mkdirSync(resultsFolder, { recursive: true });
const outputFile = path.join(resultsFolder, 'host.log');
const resultsFile = path.join(resultsFolder, 'host.json');
rmSync(resultsFile, { force: true });
writeFileSync(outputFile, '');
const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-folder-'));

const stopFollowing = follow(outputFile);
try {
  process.exitCode = await runTests({
    ...editor(),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(bundleFolder, 'index.js'),
    extensionTestsEnv: {
      HOST_TEST_OUTPUT: outputFile,
      HOST_TEST_RESULTS: resultsFile,
      ...(flags.grep === undefined ? {} : { HOST_TEST_GREP: flags.grep }),
    },
    launchArgs: [folder, '--disable-extensions'],
  });
} catch (error) {
  process.exitCode = 1;
  if (!existsSync(resultsFile)) console.error(error);
} finally {
  stopFollowing();
  rmSync(folder, { recursive: true, force: true });
}
if (existsSync(resultsFile)) {
  const { passed, failed, skipped } = JSON.parse(readFileSync(resultsFile, 'utf8'));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

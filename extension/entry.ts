// What the editor loads: has the runtime's process start, and only then loads the rest of the extension, which takes as long.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { forkRuntime, type StartedRuntime } from './runtime-client/forkRuntime';
import type * as Main from './main';
import type { ExtensionApi } from './main';
import { nodeBinary, runtimeScript } from './runtime-client/runtimeProgram';

const FOLDER = join(__dirname, '..');

const started = startRuntime();

export async function activate(context: vscode.ExtensionContext): Promise<ExtensionApi> {
  return loadMain().activate(context, started);
}

/** VS Code waits for the runtime's end. */
export async function deactivate(): Promise<void> {
  await loadMain().deactivate();
}

/** A bundle of its own. */
function loadMain(): typeof Main {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- at once, and not before the process has been started.
  return require('./main') as typeof Main;
}

function startRuntime(): StartedRuntime | undefined {
  // As in the table of settings, which is not loaded yet.
  if (vscode.workspace.getConfiguration('mambaComplete').get('enable') === false) return undefined;
  const node = nodeBinary(FOLDER);
  const child = forkRuntime(runtimeScript(FOLDER), node, process.env);
  // Where it cannot be started it is tried again, and reported, when the rest is loaded.
  child.on('error', () => undefined);
  return { node, child };
}

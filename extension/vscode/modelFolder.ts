import * as vscode from 'vscode';
import { resolveModelFolder } from './runtimeLauncher';
import type { SettingsStore } from './settingsStore';

/** Why a folder cannot be the model's; `undefined` when it can. Its weights are checked when they are loaded. */
export async function modelFolderProblem(
  setting: string,
  extensionFolder: string,
): Promise<string | undefined> {
  const folder = resolveModelFolder(setting, extensionFolder);
  try {
    await vscode.workspace.fs.stat(vscode.Uri.joinPath(vscode.Uri.file(folder), 'manifest.json'));
    return undefined;
  } catch {
    // Missing or unreadable: either way no model can be loaded from there.
    return vscode.l10n.t('There is no model in this folder: it has no manifest.json.');
  }
}

/** Asks for a folder and makes it the setting, unless there is no model in it. */
export async function chooseModelFolder(
  settings: SettingsStore,
  extensionFolder: string,
): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    title: vscode.l10n.t('Folder of the model'),
  });
  const folder = chosen?.[0]?.fsPath;
  if (folder === undefined) return;
  const problem = await modelFolderProblem(folder, extensionFolder);
  if (problem === undefined) await settings.write('modelFolder', folder);
  else void vscode.window.showErrorMessage(problem);
}

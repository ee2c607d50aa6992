import * as vscode from 'vscode';
import { resolveModelFolder } from './runtimeLauncher';

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

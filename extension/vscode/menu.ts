import * as vscode from 'vscode';
import { isLanguageEnabled } from '../settings/languages';
import type { CommandName } from './commandTable';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';

interface MenuItem extends vscode.QuickPickItem {
  command?: CommandName;
}

/** The menu behind the status bar item. Resolves when the chosen command has run. */
export async function showMenu(settings: SettingsStore, status: string): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const { enable, languages } = settings.read(document);
  const items: MenuItem[] = [
    enable
      ? { label: '$(circle-slash) Turn completions off', command: 'toggle' }
      : { label: '$(check) Turn completions on', command: 'toggle' },
  ];
  if (document !== undefined) {
    const { languageId } = document;
    const isOn = isLanguageEnabled(languages, languageId);
    items.push({
      label: `$(${isOn ? 'circle-slash' : 'check'}) Turn completions ${isOn ? 'off' : 'on'} for ${languageId}`,
      command: 'toggleLanguage',
    });
  }
  items.push(
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(settings-gear) Open settings panel', command: 'openSettings' },
    { label: '$(output) Show log', command: 'showLog' },
    { label: '$(debug-restart) Restart model runtime', command: 'restartRuntime' },
  );
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: status });
  if (chosen?.command !== undefined) {
    await vscode.commands.executeCommand(commandId(chosen.command));
  }
}

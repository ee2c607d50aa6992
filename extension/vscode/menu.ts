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
  const { t } = vscode.l10n;
  const document = vscode.window.activeTextEditor?.document;
  const { enable, languages } = settings.read(document);
  const items: MenuItem[] = [
    enable
      ? { label: `$(circle-slash) ${t('Turn completions off')}`, command: 'toggle' }
      : { label: `$(check) ${t('Turn completions on')}`, command: 'toggle' },
  ];
  if (document !== undefined) {
    const { languageId } = document;
    const title = isLanguageEnabled(languages, languageId)
      ? `$(circle-slash) ${t('Turn completions off for {0}', languageId)}`
      : `$(check) ${t('Turn completions on for {0}', languageId)}`;
    items.push({ label: title, command: 'toggleLanguage' });
  }
  items.push(
    { label: `$(bell-slash) ${t('Snooze…')}`, command: 'snooze' },
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: `$(settings-gear) ${t('Open settings panel')}`, command: 'openSettings' },
    { label: `$(package) ${t('Choose model…')}`, command: 'chooseModel' },
    { label: `$(info) ${t('Explain last suggestion')}`, command: 'explainSuggestion' },
    { label: `$(output) ${t('Show log')}`, command: 'showLog' },
    { label: `$(debug-restart) ${t('Restart model runtime')}`, command: 'restartRuntime' },
  );
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: status });
  if (chosen?.command !== undefined) {
    await vscode.commands.executeCommand(commandId(chosen.command));
  }
}

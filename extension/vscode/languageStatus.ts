import * as vscode from 'vscode';
import type { Snooze } from '../completion/snooze';
import { Disposable } from '../common/disposable';
import { isLanguageEnabled } from '../settings/languages';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';

/** The entry among the language's own: whether there are suggestions in this language, and the switch for it. */
export class LanguageStatus extends Disposable {
  private readonly item = this.register(
    vscode.languages.createLanguageStatusItem('mambaComplete.language', { pattern: '**' }),
  );

  constructor(
    private readonly settings: SettingsStore,
    private readonly snooze: Snooze,
  ) {
    super();
    this.item.name = 'Mamba Complete';
    const render = () => {
      this.render();
    };
    this.register(settings.onChange(render));
    this.register(snooze.onChange(render));
    this.register(vscode.window.onDidChangeActiveTextEditor(render));
    // A document that is given another language is opened anew.
    this.register(vscode.workspace.onDidOpenTextDocument(render));
    this.render();
  }

  private render(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) return;
    const { enable, languages } = this.settings.read(document);
    const { languageId } = document;
    const isOn = isLanguageEnabled(languages, languageId);
    const { t } = vscode.l10n;
    this.item.text = isOn
      ? t('Suggestions for {0}: on', languageId)
      : t('Suggestions for {0}: off', languageId);
    this.item.detail = this.detail(enable);
    this.item.command = enable
      ? { command: commandId('toggleLanguage'), title: isOn ? t('Turn off') : t('Turn on') }
      : { command: commandId('toggle'), title: t('Turn on') };
  }

  private detail(isEnabled: boolean): string {
    if (!isEnabled) return vscode.l10n.t('Mamba Complete is turned off');
    if (this.snooze.until !== undefined) return vscode.l10n.t('Snoozed');
    return 'Mamba Complete';
  }
}

import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isLanguageEnabled, withLanguage } from '../settings/languages';
import type { CommandName } from './commandTable';
import { commandId, commandTable } from './commandTable';
import { showMenu } from './menu';
import type { DocumentStateView } from './documentStateView';
import type { PanelHost } from './panelHost';
import type { SettingsStore } from './settingsStore';

export interface CommandServices {
  settings: SettingsStore;
  runtime: RuntimeClient;
  panel: PanelHost;
  stateView: DocumentStateView;
  log: vscode.LogOutputChannel;
}

/** Registers every command of the table. A command that fails says so in a notification and in the log. */
export class Commands extends Disposable {
  private readonly actions: Readonly<Record<CommandName, () => Promise<void> | void>>;

  constructor(private readonly services: CommandServices) {
    super();
    const { settings, runtime, panel, stateView, log } = services;
    this.actions = {
      toggle: () => settings.write('enable', !settings.read(undefined).enable),
      toggleLanguage: () => this.toggleLanguage(),
      showMenu: () => showMenu(settings, `Mamba Complete: ${runtime.health.state}`),
      openSettings: () => {
        panel.show();
      },
      // Also starts a runtime that was given up; while completions are off there is none to start.
      restartRuntime: () => this.restartRuntime(),
      showLog: () => {
        log.show(true);
      },
      showDocumentState: () => stateView.show(),
    };
    for (const name of Object.keys(commandTable) as CommandName[]) {
      this.register(vscode.commands.registerCommand(commandId(name), () => this.run(name)));
    }
  }

  private async run(name: CommandName): Promise<void> {
    try {
      await this.actions[name]();
    } catch (error) {
      this.services.log.error(`command ${name}: ${describeError(error)}`);
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(
        `Mamba Complete: «${commandTable[name]}» failed. ${reason}`,
      );
    }
  }

  private async toggleLanguage(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      void vscode.window.showInformationMessage('Mamba Complete: no editor is open.');
      return;
    }
    const { settings } = this.services;
    const { languages } = settings.read(document);
    const { languageId } = document;
    const isOn = isLanguageEnabled(languages, languageId);
    await settings.write('languages', withLanguage(languages, languageId, !isOn));
  }

  private async restartRuntime(): Promise<void> {
    const { settings, runtime } = this.services;
    if (settings.read(undefined).enable) await runtime.restart();
    else void vscode.window.showInformationMessage('Mamba Complete: completions are off.');
  }
}

import * as vscode from 'vscode';
import { RuntimeError } from '../../model-runtime/protocol/errors';
import type { Snooze } from '../completion/snooze';
import { Disposable } from '../common/disposable';
import { errorText } from '../common/errorText';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isLanguageEnabled } from '../settings/languages';
import type { Alternatives } from './alternatives';
import type { Benchmark } from './benchmark';
import type { CommandName } from './commandTable';
import { commandId, commandNames } from './commandTable';
import type { DocumentStateView } from './documentStateView';
import type { GenerateCommands } from './generateCommands';
import type { GenerationPreview } from './generationPreview';
import { showMenu } from './menu';
import type { ModelCommands } from './modelCommands';
import type { PanelHost } from './panelHost';
import { healthText } from './panelState';
import type { SettingsStore } from './settingsStore';
import { chooseSnooze } from './snoozeCommand';
import type { SuggestionExplanation } from './suggestionExplanation';

export interface CommandServices {
  settings: SettingsStore;
  runtime: RuntimeClient;
  panel: PanelHost;
  stateView: DocumentStateView;
  generate: GenerateCommands;
  preview: GenerationPreview;
  alternatives: Alternatives;
  explanation: SuggestionExplanation;
  snooze: Snooze;
  benchmark: Benchmark;
  models: ModelCommands;
  log: vscode.LogOutputChannel;
}

/** Registers every command of the table. A command that fails says so in a notification and in the log. */
export class Commands extends Disposable {
  private readonly actions: Readonly<Record<CommandName, () => Promise<void> | void>>;

  constructor(private readonly services: CommandServices) {
    super();
    const { settings, runtime, panel, stateView, log } = services;
    const { generate, preview, explanation, snooze, benchmark, models } = services;
    this.actions = {
      generateAtCursor: () => generate.atCursor(),
      completeFunctionBody: () => generate.functionBody(),
      generateFromSelection: () => generate.fromSelection(),
      acceptGenerated: () => preview.accept(),
      discardGenerated: () => preview.discard(),
      stopGenerating: () => {
        generate.stop();
      },
      showAlternatives: () => this.showAlternatives(),
      explainSuggestion: () => explanation.show(),
      snooze: () => chooseSnooze(snooze),
      endSnooze: () => {
        snooze.end();
      },
      toggle: () => settings.write('enable', !settings.read(undefined).enable),
      toggleLanguage: () => this.toggleLanguage(),
      // Its results stay there; a notification goes after some seconds.
      runBenchmark: () => {
        panel.show('benchmark');
        return benchmark.run();
      },
      stopBenchmark: () => {
        benchmark.stop();
      },
      clearStates: () => this.clearStates(),
      addModel: () => models.add(),
      chooseModel: () => models.choose(),
      removeModel: () => models.remove(),
      showMenu: () =>
        showMenu(settings, `Mamba Complete: ${healthText(runtime.health, vscode.l10n.t)}`),
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
    for (const name of commandNames) {
      this.register(vscode.commands.registerCommand(commandId(name), () => this.run(name)));
    }
  }

  private async run(name: CommandName): Promise<void> {
    try {
      await this.actions[name]();
    } catch (error) {
      this.services.log.error(`command ${name}: ${describeError(error)}`);
      void vscode.window.showErrorMessage(
        vscode.l10n.t('Mamba Complete: the command failed. {0}', reasonOf(error)),
      );
    }
  }

  private async showAlternatives(): Promise<void> {
    const editor = await this.services.generate.usableEditor();
    if (editor !== undefined) await this.services.alternatives.show(editor);
  }

  private async toggleLanguage(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Open a file first.'));
      return;
    }
    const { settings } = this.services;
    const { languages } = settings.read(document);
    const { languageId } = document;
    const isOn = isLanguageEnabled(languages, languageId);
    await settings.switchLanguage(languageId, !isOn);
  }

  private async clearStates(): Promise<void> {
    const { runtime } = this.services;
    const before = await runtime.describeMemory();
    if (before === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The model runtime is not running, so it keeps no document states.'),
      );
      return;
    }
    runtime.notify({ kind: 'clearStates' });
    const bytes = before.documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Document states cleared: {0} MB of {1} documents.',
        (bytes / 2 ** 20).toFixed(0),
        before.documents.length,
      ),
    );
  }

  private async restartRuntime(): Promise<void> {
    const { settings, runtime } = this.services;
    if (settings.read(undefined).enable) await runtime.restart();
    else {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Mamba Complete is turned off, so its model is not loaded.'),
      );
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RuntimeError) return errorText(error, vscode.l10n.t);
  return error instanceof Error ? error.message : String(error);
}

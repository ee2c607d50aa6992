import * as vscode from 'vscode';
import { Disposable, toDisposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isLanguageEnabled } from '../settings/languages';
import type { RequestActivity } from './activity';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';
import { statusView } from './statusView';

/** Requests that are over sooner do not show: the item would flicker with every key. */
const WORKING_SHOWN_AFTER_MS = 120;

/** The status bar item: one word on what the extension does, and the way to its menu. */
export class StatusBar extends Disposable {
  private readonly item: vscode.StatusBarItem;
  private workingTimer: NodeJS.Timeout | undefined;
  private isWorkingShown = false;

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly activity: RequestActivity,
  ) {
    super();
    this.item = this.register(
      vscode.window.createStatusBarItem('status', vscode.StatusBarAlignment.Right, 100),
    );
    this.item.name = 'Mamba Complete';
    this.item.command = commandId('showMenu');
    const render = () => {
      this.render();
    };
    this.register(runtime.onHealthChange(render));
    this.register(settings.onChange(render));
    this.register(vscode.window.onDidChangeActiveTextEditor(render));
    this.register(vscode.workspace.onDidOpenTextDocument(render));
    this.register(
      activity.onChange(() => {
        this.followActivity();
      }),
    );
    this.register(
      toDisposable(() => {
        clearTimeout(this.workingTimer);
      }),
    );
    this.render();
    this.item.show();
  }

  private followActivity(): void {
    if (!this.activity.isWorking) {
      clearTimeout(this.workingTimer);
      this.workingTimer = undefined;
      if (this.isWorkingShown) this.showWorking(false);
      return;
    }
    this.workingTimer ??= setTimeout(() => {
      this.showWorking(true);
    }, WORKING_SHOWN_AFTER_MS);
  }

  private showWorking(isWorking: boolean): void {
    this.isWorkingShown = isWorking;
    this.render();
  }

  private render(): void {
    const document = vscode.window.activeTextEditor?.document;
    const { enable, languages } = this.settings.read(document);
    const view = statusView({
      health: this.runtime.health,
      isEnabled: enable,
      language:
        document === undefined
          ? undefined
          : {
              id: document.languageId,
              isEnabled: isLanguageEnabled(languages, document.languageId),
            },
      isWorking: this.isWorkingShown,
    });
    this.item.text = view.text;
    this.item.tooltip = view.tooltip;
    this.item.accessibilityInformation = { label: view.label };
    this.item.backgroundColor =
      view.severity === 'none'
        ? undefined
        : new vscode.ThemeColor(`statusBarItem.${view.severity}Background`);
  }
}

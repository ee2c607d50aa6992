import * as vscode from 'vscode';
import type { Snooze } from '../completion/snooze';
import { Disposable, toDisposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isLanguageEnabled } from '../settings/languages';
import type { RequestActivity } from './activity';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';
import { HOVER_COMMANDS, statusHover } from './statusHover';
import type { StatusView } from './statusView';
import { statusView } from './statusView';

/** Requests that are over sooner do not show: the item would flicker with every key. */
const WORKING_SHOWN_AFTER_MS = 120;
const FIGURES_SHOWN_AFTER_MS = 500;

/** The status bar item: one word on what the extension does, and the way to its menu. */
export class StatusBar extends Disposable {
  private readonly item: vscode.StatusBarItem;
  private workingTimer: NodeJS.Timeout | undefined;
  private figuresTimer: NodeJS.Timeout | undefined;
  private isWorkingShown = false;

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly activity: RequestActivity,
    private readonly snooze: Snooze,
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
    this.register(snooze.onChange(render));
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
        clearTimeout(this.figuresTimer);
      }),
    );
    this.render();
    this.item.show();
  }

  private followActivity(): void {
    if (!this.activity.isWorking) {
      this.renderSoon();
      clearTimeout(this.workingTimer);
      this.workingTimer = undefined;
      if (this.isWorkingShown) this.showWorking(false);
      return;
    }
    this.workingTimer ??= setTimeout(() => {
      this.showWorking(true);
    }, WORKING_SHOWN_AFTER_MS);
  }

  /** The hover's figures change with every request; the item is not told of each. */
  private renderSoon(): void {
    this.figuresTimer ??= setTimeout(() => {
      this.figuresTimer = undefined;
      this.render();
    }, FIGURES_SHOWN_AFTER_MS);
  }

  private hover(view: StatusView): vscode.MarkdownString {
    const text = statusHover(view, this.activity.lastFigures, vscode.l10n.t);
    const markdown = new vscode.MarkdownString(text, true);
    markdown.isTrusted = { enabledCommands: HOVER_COMMANDS.map(commandId) };
    return markdown;
  }

  private showWorking(isWorking: boolean): void {
    this.isWorkingShown = isWorking;
    this.render();
  }

  private render(): void {
    const document = vscode.window.activeTextEditor?.document;
    const { enable, languages } = this.settings.read(document);
    const view = statusView(
      {
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
        snoozedUntil: this.snooze.until,
      },
      vscode.l10n.t,
    );
    this.item.text = view.text;
    this.item.tooltip = this.hover(view);
    this.item.accessibilityInformation = { label: view.label };
    this.item.backgroundColor =
      view.severity === 'none'
        ? undefined
        : new vscode.ThemeColor(`statusBarItem.${view.severity}Background`);
  }
}

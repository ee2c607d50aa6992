import * as vscode from 'vscode';
import type { Snooze } from '../completion/snooze';
import { Disposable, toDisposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isLanguageEnabled } from '../settings/languages';
import { holdsSecrets } from '../completion/secretFiles';
import type { RequestActivity } from './activity';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';
import { pathForModel } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import type { PowerState } from './powerState';
import { HOVER_COMMANDS, statusHover } from './statusHover';
import type { StatusView } from './statusView';
import { statusView, type StatusInput } from './statusView';

/** Requests that are over sooner do not show: the item would flicker with every key. */
const WORKING_SHOWN_AFTER_MS = 120;
const FIGURES_SHOWN_AFTER_MS = 500;

/** The status bar item: one word on what the extension does, and the way to its menu. */
export class StatusBar extends Disposable {
  private readonly item: vscode.StatusBarItem;
  private workingTimer: NodeJS.Timeout | undefined;
  private figuresTimer: NodeJS.Timeout | undefined;
  private isWorkingShown = false;
  /** The answer for the active document. */
  private known: { document: vscode.TextDocument; isExcluded: boolean } | undefined;

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly activity: RequestActivity,
    private readonly pauses: { snooze: Snooze; power: PowerState; excluded: ExcludedFiles },
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
    const renderAnew = () => {
      this.known = undefined;
      this.render();
    };
    this.register(runtime.onHealthChange(render));
    this.register(settings.onChange(renderAnew));
    this.register(pauses.snooze.onChange(render));
    this.register(pauses.power.onChange(render));
    this.register(vscode.window.onDidChangeActiveTextEditor(renderAnew));
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

  /** Why the active document is never read; a document of which that is not known yet counts as read. */
  private unread(document: vscode.TextDocument | undefined, path: string): StatusInput['unread'] {
    if (document === undefined) return undefined;
    if (holdsSecrets(path)) return 'secretFile';
    if (document === this.known?.document)
      return this.known.isExcluded ? 'excludedFile' : undefined;
    void this.pauses.excluded.has(document).then((isExcluded) => {
      if (document !== vscode.window.activeTextEditor?.document) return;
      this.known = { document, isExcluded };
      if (isExcluded) this.render();
    });
    return undefined;
  }

  private showWorking(isWorking: boolean): void {
    this.isWorkingShown = isWorking;
    this.render();
  }

  private render(): void {
    const document = vscode.window.activeTextEditor?.document;
    const { enable, languages, onBattery } = this.settings.read(document);
    const path = document === undefined ? '' : pathForModel(document);
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
        snoozedUntil: this.pauses.snooze.until,
        unread: this.unread(document, path),
        isPausedOnBattery: onBattery === 'manual' && this.pauses.power.onBattery,
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

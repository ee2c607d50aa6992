import * as vscode from 'vscode';
import { Disposable, toDisposable } from '../common/disposable';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { Snooze } from '../completion/snooze';
import type { Throughput } from '../completion/throughput';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import type { Benchmark } from './benchmark';
import { SettingDescriptions, settingFields } from './panelFields';
import { panelFigures } from './panelFigures';
import { PanelRequests } from './panelRequests';
import { SettingScope } from './panelScope';
import { panelState } from './panelState';
import { settingLabel } from './panelStrings';
import { PanelView } from './panelView';
import type { SettingsStore } from './settingsStore';

const VIEW_TYPE = 'mambaComplete.settingsPanel';
/** Settings and health change in bursts; the panel is told once. */
const UPDATE_DELAY_MS = 50;
const FIGURES_INTERVAL_MS = 1000;

export interface PanelServices {
  extension: vscode.Extension<unknown>;
  settings: SettingsStore;
  runtime: RuntimeClient;
  throughput: Throughput;
  benchmark: Benchmark;
  snooze: Snooze;
  logger: Logger;
}

/** Owns the settings panel, of which there is at most one, and keeps it up to date while it can be seen. */
export class PanelHost extends Disposable {
  /** Made when the first panel opens: the manifest is large, and starting must be quick. */
  private descriptions: SettingDescriptions | undefined;
  private readonly scope: SettingScope;
  private readonly requests: PanelRequests;
  private view: PanelView | undefined;
  private updateTimer: NodeJS.Timeout | undefined;
  private figuresTimer: NodeJS.Timeout | undefined;
  private unanswered = 0;
  /** To be seen as soon as the page is there. */
  private toReveal: 'benchmark' | undefined;

  constructor(private readonly services: PanelServices) {
    super();
    const { settings, runtime, benchmark, snooze, extension } = services;
    this.scope = new SettingScope(settings);
    this.requests = new PanelRequests(settings, this.scope, benchmark, extension.extensionPath);
    const update = () => {
      this.scheduleUpdate();
    };
    this.register(settings.onChange(update));
    this.register(runtime.onHealthChange(update));
    this.register(benchmark.onChange(update));
    this.register(snooze.onChange(update));
    this.register(vscode.workspace.onDidOpenTextDocument(update));
    this.register(
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: (panel) => {
          this.adopt(panel);
          return Promise.resolve();
        },
      }),
    );
    this.register(
      toDisposable(() => {
        this.view?.dispose();
      }),
    );
  }

  /** Opens the panel or brings it to the front, and where a section is named, that section into view. */
  show(section?: 'benchmark'): void {
    this.toReveal = section;
    if (this.view !== undefined) {
      const wasVisible = this.view.panel.visible;
      this.view.panel.reveal();
      // The page of a hidden panel loads anew and asks for its content.
      if (wasVisible) void this.reveal();
      return;
    }
    this.adopt(
      vscode.window.createWebviewPanel(VIEW_TYPE, 'Mamba Complete', vscode.ViewColumn.Active),
    );
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.view?.dispose();
    const view = new PanelView(panel, this.services.extension.extensionUri, (raw) => {
      void this.receive(raw);
    });
    this.view = view;
    this.figuresTimer = setInterval(() => {
      if (panel.visible) void this.postFigures();
    }, FIGURES_INTERVAL_MS);
    const timer = this.figuresTimer;
    panel.onDidDispose(() => {
      clearInterval(timer);
      if (this.view === view) this.view = undefined;
    });
  }

  private scheduleUpdate(): void {
    if (this.view === undefined) return;
    this.updateTimer ??= setTimeout(() => {
      this.updateTimer = undefined;
      void this.postState();
    }, UPDATE_DELAY_MS);
  }

  /** Not while a request is carried out: the controls would jump back to what it is about to change. Its end posts the state. */
  private async postState(): Promise<void> {
    if (this.unanswered > 0) return;
    const { settings, runtime, benchmark, snooze } = this.services;
    this.descriptions ??= new SettingDescriptions(this.services.extension.packageJSON);
    const open = vscode.workspace.textDocuments.filter(({ uri }) =>
      ['file', 'untitled'].includes(uri.scheme),
    );
    const openLanguages = open.map(({ languageId }) => languageId);
    const { scope } = this;
    const valueOf = scope.valueOf.bind(scope);
    await this.view?.post(
      panelState({
        settings: settings.read(undefined),
        scope: scope.view(openLanguages),
        fields: settingFields(scope.keys, valueOf, this.descriptions, settingLabel),
        switches: scope.switches(),
        health: runtime.health,
        openLanguages,
        snoozedUntil: snooze.until,
        benchmark: benchmark.state,
        t: vscode.l10n.t,
      }),
    );
  }

  private async postFigures(): Promise<void> {
    const { runtime, throughput } = this.services;
    const memory = await runtime.describeMemory();
    await this.view?.post(panelFigures(throughput, memory, vscode.l10n.t));
  }

  private async reveal(): Promise<void> {
    const { toReveal: section } = this;
    this.toReveal = undefined;
    if (section !== undefined) await this.view?.post({ kind: 'reveal', section });
  }

  private async receive(raw: unknown): Promise<void> {
    this.unanswered++;
    try {
      const refusal = await this.requests.handle(raw);
      if (refusal !== undefined) await this.view?.post(refusal);
    } catch (error) {
      // The controls show the settings as they are again.
      this.services.logger.error(`panel: ${describeError(error)}`);
    }
    this.unanswered--;
    await this.postState();
    await this.reveal();
    await this.postFigures();
  }
}

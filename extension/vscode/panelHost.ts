import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { PanelRequest } from '../../webview/protocol';
import { parsePanelRequest } from '../../webview/protocol';
import { Disposable } from '../common/disposable';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { parseSetting } from '../settings/parse';
import type { SettingKey, Settings } from '../settings/table';
import { settingsTable } from '../settings/table';
import type { RequestActivity } from './activity';
import { commandId } from './commandTable';
import { panelHtml } from './panelHtml';
import { panelState } from './panelState';
import type { SettingsStore } from './settingsStore';

const VIEW_TYPE = 'mambaComplete.settingsPanel';
/** Figures change with every request; the panel is told at most so often. */
const UPDATE_INTERVAL_MS = 200;

export interface PanelServices {
  extensionUri: vscode.Uri;
  settings: SettingsStore;
  runtime: RuntimeClient;
  activity: RequestActivity;
  logger: Logger;
}

/** Owns the settings panel, of which there is at most one. */
export class PanelHost extends Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private updateTimer: NodeJS.Timeout | undefined;

  constructor(private readonly services: PanelServices) {
    super();
    const update = () => {
      this.scheduleUpdate();
    };
    this.register(services.settings.onChange(update));
    this.register(services.runtime.onHealthChange(update));
    this.register(services.activity.onChange(update));
  }

  /** Opens the panel or brings it to the front. */
  show(): void {
    if (this.panel !== undefined) {
      this.panel.reveal();
      return;
    }
    const { extensionUri } = this.services;
    const roots = [vscode.Uri.joinPath(extensionUri, 'dist'), this.mediaFolder()];
    const panel = vscode.window.createWebviewPanel(
      VIEW_TYPE,
      'Mamba Complete',
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: roots },
    );
    this.panel = panel;
    panel.webview.onDidReceiveMessage((raw: unknown) => {
      void this.receive(raw);
    });
    panel.onDidDispose(() => {
      clearTimeout(this.updateTimer);
      this.updateTimer = undefined;
      this.panel = undefined;
    });
    panel.webview.html = this.html(panel.webview);
  }

  override dispose(): void {
    clearTimeout(this.updateTimer);
    this.panel?.dispose();
    super.dispose();
  }

  private mediaFolder(): vscode.Uri {
    return vscode.Uri.joinPath(this.services.extensionUri, 'media');
  }

  private html(webview: vscode.Webview): string {
    const script = vscode.Uri.joinPath(this.services.extensionUri, 'dist', 'webview.js');
    const style = vscode.Uri.joinPath(this.mediaFolder(), 'panel.css');
    return panelHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(script).toString(),
      styleUri: webview.asWebviewUri(style).toString(),
    });
  }

  private scheduleUpdate(): void {
    if (this.panel === undefined) return;
    this.updateTimer ??= setTimeout(() => {
      this.updateTimer = undefined;
      void this.postState();
    }, UPDATE_INTERVAL_MS);
  }

  private async postState(): Promise<void> {
    const { settings, runtime, activity } = this.services;
    const state = panelState(settings.read(undefined), runtime.health, activity.lastFigures);
    await this.panel?.webview.postMessage(state);
  }

  private async receive(raw: unknown): Promise<void> {
    const request = parsePanelRequest(raw);
    if (request === undefined) {
      this.services.logger.warn('panel: a message was not understood');
      return;
    }
    try {
      await this.handle(request);
    } catch (error) {
      this.services.logger.error(`panel: ${describeError(error)}`);
      // The control shows the setting as it is again.
      await this.postState();
    }
  }

  private async handle(request: PanelRequest): Promise<void> {
    switch (request.kind) {
      case 'ready':
        await this.postState();
        break;
      case 'changeSetting':
        await this.changeSetting(request.key, request.value);
        break;
      case 'runCommand':
        await vscode.commands.executeCommand(commandId(request.command));
        break;
    }
  }

  private async changeSetting(key: SettingKey, value: unknown): Promise<void> {
    const parsed = parseSetting(settingsTable[key], value);
    // `parseSetting` gives a value of the setting's type.
    if (parsed.isValid)
      await this.services.settings.write(key, parsed.value as Settings[SettingKey]);
    else await this.postState();
  }
}

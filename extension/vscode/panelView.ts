import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { PanelMessage } from '../../webview/protocol';
import { panelHtml } from './panelHtml';
import { panelStrings } from './panelStrings';

/** One webview with the panel's page. */
export class PanelView {
  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly extensionUri: vscode.Uri,
    onMessage: (raw: unknown) => void,
  ) {
    const { webview } = panel;
    const localResourceRoots = ['dist', 'media'].map((folder) =>
      vscode.Uri.joinPath(extensionUri, folder),
    );
    webview.options = { enableScripts: true, localResourceRoots };
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.png');
    webview.onDidReceiveMessage(onMessage);
    webview.html = this.html();
  }

  async post(message: PanelMessage): Promise<void> {
    await this.panel.webview.postMessage(message);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private html(): string {
    const { webview } = this.panel;
    const uri = (folder: string, name: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extensionUri, folder, name)).toString();
    return panelHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      scriptUri: uri('dist', 'webview.js'),
      styleUri: uri('media', 'panel.css'),
      language: vscode.env.language,
      strings: panelStrings(),
    });
  }
}

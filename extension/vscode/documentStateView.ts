import * as vscode from 'vscode';
import { describeState } from '../completion/stateReport';
import { Disposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { notebookAround } from './notebookText';

const SCHEME = 'mamba-complete-state';

/** A read-only text of what the runtime keeps for a document. */
export class DocumentStateView extends Disposable {
  private readonly changes = this.register(new vscode.EventEmitter<vscode.Uri>());

  constructor(private readonly runtime: RuntimeClient) {
    super();
    this.register(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.changes.event,
        provideTextDocumentContent: async ({ query }) =>
          describeState(query, await this.runtime.describeDocument(query), vscode.l10n.t),
      }),
    );
  }

  async show(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Open a file first.'));
      return;
    }
    const id = notebookAround(document)?.source.uri ?? document.uri.toString();
    const uri = vscode.Uri.from({ scheme: SCHEME, path: 'Document State', query: id });
    // A text that is open already shows the figures of another moment.
    this.changes.fire(uri);
    const options = { preview: true, viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), options);
  }
}

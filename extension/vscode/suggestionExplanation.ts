import * as vscode from 'vscode';
import type { SuggestionRecord } from '../completion/suggestionReport';
import { describeSuggestion } from '../completion/suggestionReport';
import { Disposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';

export const EXPLANATION_SCHEME = 'mamba-complete-explain';

/** Keeps the last request for a suggestion and shows what became of it, read-only. */
export class SuggestionExplanation extends Disposable {
  private readonly changes = this.register(new vscode.EventEmitter<vscode.Uri>());
  private record: SuggestionRecord | undefined;

  constructor(private readonly runtime: RuntimeClient) {
    super();
    this.register(
      vscode.workspace.registerTextDocumentContentProvider(EXPLANATION_SCHEME, {
        onDidChange: this.changes.event,
        provideTextDocumentContent: () => this.text(),
      }),
    );
  }

  get last(): SuggestionRecord | undefined {
    return this.record;
  }

  note(record: SuggestionRecord): void {
    // A request that a newer one has overtaken says nothing about what is on the screen.
    if (record.result.kind !== 'canceled' || this.record === undefined) this.record = record;
  }

  async show(): Promise<void> {
    const uri = vscode.Uri.from({ scheme: EXPLANATION_SCHEME, path: 'Last Suggestion.md' });
    // A text that is open already is of an earlier suggestion.
    this.changes.fire(uri);
    const options = { preview: true, viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, options);
  }

  private async text(): Promise<string> {
    const { record } = this;
    if (record === undefined) {
      return vscode.l10n.t('No suggestion has been asked for yet. Type in a file, then ask again.');
    }
    const document = await this.runtime.describeDocument(record.documentId);
    return describeSuggestion(record, document, vscode.l10n.t);
  }
}

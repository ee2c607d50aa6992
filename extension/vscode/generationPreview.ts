import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import type { GenerationPlace } from '../generation/generationPlace';

export const PREVIEW_SCHEME = 'mamba-complete-preview';
/** Set while a preview is open, for the buttons in its title bar. */
const CONTEXT_KEY = 'mambaComplete.hasPreview';

interface Proposal {
  document: vscode.TextDocument;
  version: number;
  range: vscode.Range;
  text: string;
  uri: vscode.Uri;
  content: string;
}

/** Shows generated text as a diff of the document, to accept or discard. One at a time; closing it discards it. */
export class GenerationPreview extends Disposable {
  private proposal: Proposal | undefined;
  private count = 0;

  constructor() {
    super();
    this.register(
      vscode.workspace.registerTextDocumentContentProvider(PREVIEW_SCHEME, {
        provideTextDocumentContent: (uri) =>
          uri.toString() === this.proposal?.uri.toString() ? this.proposal.content : '',
      }),
    );
    this.register(
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => isPreviewTab(tab, this.proposal?.uri))) void this.forget();
      }),
    );
  }

  async show(document: vscode.TextDocument, place: GenerationPlace, text: string): Promise<void> {
    await this.discard();
    const range = new vscode.Range(
      place.start.line,
      place.start.character,
      place.position.line,
      place.position.character,
    );
    const all = document.getText();
    const from = document.offsetAt(range.start);
    const content = all.slice(0, from) + text + all.slice(document.offsetAt(range.end));
    const uri = document.uri.with({
      scheme: PREVIEW_SCHEME,
      authority: '',
      path: document.uri.path.startsWith('/') ? document.uri.path : `/${document.uri.path}`,
      query: String(++this.count),
    });
    this.proposal = { document, version: document.version, range, text, uri, content };
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, true);
    const name = document.uri.path.split('/').at(-1) ?? '';
    const title = vscode.l10n.t('{0}: generated text (preview)', name);
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, title, {
      preview: true,
    });
    void this.ask(this.proposal);
  }

  /** Writes the text, in one undo step, unless the document has changed since it was generated. */
  async accept(): Promise<void> {
    const { proposal } = this;
    if (proposal === undefined) return this.sayNone();
    const { document, version, range, text } = proposal;
    await this.discard();
    if (document.isClosed || document.version !== version) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t('The document has changed meanwhile. Generate the text again.'),
      );
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, range, text);
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document);
  }

  async discard(): Promise<void> {
    const { proposal } = this;
    if (proposal === undefined) return;
    await this.forget();
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter((tab) => isPreviewTab(tab, proposal.uri)));
  }

  sayNone(): void {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no generated text to accept. Use «Generate from Comment or Selection».',
      ),
    );
  }

  private async ask(proposal: Proposal): Promise<void> {
    const accept = vscode.l10n.t('Accept');
    const discard = vscode.l10n.t('Discard');
    const question = vscode.l10n.t('Insert the generated text?');
    const answer = await vscode.window.showInformationMessage(question, accept, discard);
    // Meanwhile it may have been decided in the title bar, or be another one.
    if (this.proposal !== proposal) return;
    if (answer === accept) await this.accept();
    else if (answer === discard) await this.discard();
  }

  private async forget(): Promise<void> {
    this.proposal = undefined;
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, false);
  }
}

function isPreviewTab({ input }: vscode.Tab, uri: vscode.Uri | undefined): boolean {
  return input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri?.toString();
}

import * as vscode from 'vscode';
import type { RelateFilesNotification } from '../../model-runtime/protocol/messages';
import { Disposable } from '../common/disposable';
import { isDocumentAllowed } from '../completion/requestDecision';
import { excerpt, relatedShares } from '../completion/relatedText';
import { wellFormedLines } from '../completion/textSource';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import type { Settings } from '../settings/table';
import { isCompletable, pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import { ImportedDocuments, isBeside } from './importedDocuments';
import type { SettingsStore } from './settingsStore';

/** Background reading waits so long for a language server; what it finds later serves the next one. */
const IMPORTS_WAIT_MS = 200;

type RelatedText = RelateFilesNotification['files'][number];

/**
 * Tells the runtime which files belong to the document that is typed in: those that it imports, those in view and those that were
 * edited or shown last, as far as they may be read at all. Asked by background reading only; what did not change is not sent again.
 */
export class RelatedDocuments extends Disposable {
  /** Where in documents something was done last, the last document last. */
  private readonly recent = new Map<string, number>();
  private readonly imported = new ImportedDocuments();
  /** By document, what the runtime has been told. */
  private readonly sent = new Map<string, string>();

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly excluded: ExcludedFiles,
  ) {
    super();
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const line = contentChanges[0]?.range.start.line;
        if (line !== undefined) this.note(document, line);
      }),
    );
    this.register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined) this.note(editor.document, editor.selection.active.line);
      }),
    );
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.forget(document);
      }),
    );
    this.register(
      runtime.onHealthChange(({ state }) => {
        // A new process has been told nothing.
        if (state === 'ready') this.sent.clear();
      }),
    );
  }

  /** Tells the runtime what has changed about the document's related files. */
  async update(
    document: vscode.TextDocument,
    { relatedFilesTokens: mostTokens }: Settings,
    signal: AbortSignal,
  ): Promise<void> {
    const files = mostTokens === 0 ? [] : await this.filesFor(document, mostTokens);
    if (signal.aborted || document.isClosed) return;
    this.send(document.uri.toString(), files, mostTokens);
  }

  private note({ uri }: vscode.TextDocument, line: number): void {
    const key = uri.toString();
    this.recent.delete(key);
    this.recent.set(key, line);
  }

  private forget({ uri }: vscode.TextDocument): void {
    const key = uri.toString();
    this.recent.delete(key);
    this.imported.forget(key);
    this.send(key, [], 0);
    this.sent.delete(key);
  }

  private send(documentId: string, files: readonly RelatedText[], mostTokens: number): void {
    const told = this.sent.get(documentId);
    // Nothing is what the runtime takes it for.
    if (told === undefined && files.length === 0) return;
    const now = JSON.stringify([files, mostTokens]);
    if (told === now) return;
    this.sent.set(documentId, now);
    this.runtime.notify({ kind: 'relateFiles', documentId, files, mostTokens });
  }

  private async filesFor(document: vscode.TextDocument, mostTokens: number) {
    const candidates = await this.candidates(document);
    const allowed: { document: vscode.TextDocument; line: number }[] = [];
    const { files: most } = relatedShares(candidates.length, mostTokens);
    // From the most important one on: more than are read need not be looked at.
    for (const candidate of candidates.reverse()) {
      if (allowed.length === most) break;
      if (await this.isAllowed(candidate.document)) allowed.unshift(candidate);
    }
    const { characters } = relatedShares(allowed.length, mostTokens);
    return allowed.map(({ document: each, line }) => ({
      path: pathForModel(each),
      text: wellFormedLines(excerpt(toTextSource(each), line, characters)),
    }));
  }

  /** The most important one last: imported ones, those in view, those where something was done last. */
  private async candidates(document: vscode.TextDocument) {
    const found = new Map<string, { document: vscode.TextDocument; line: number }>();
    const add = (each: vscode.TextDocument, line: number) => {
      if (each.isClosed || !isBeside(document, each.uri)) return;
      const key = each.uri.toString();
      found.delete(key);
      found.set(key, { document: each, line });
    };
    if (vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return [];
    const imported = await this.imported.of(document, IMPORTS_WAIT_MS);
    for (const each of imported) add(each.document, each.line);
    for (const editor of vscode.window.visibleTextEditors) {
      add(editor.document, editor.selection.active.line);
    }
    const open = new Map(vscode.workspace.textDocuments.map((each) => [each.uri.toString(), each]));
    for (const [key, line] of this.recent) {
      const each = open.get(key);
      if (each !== undefined) add(each, line);
    }
    return [...found.values()];
  }

  /** As for the document itself: what would not be completed is not read. */
  private async isAllowed(document: vscode.TextDocument): Promise<boolean> {
    if (!isCompletable(document)) return false;
    const path = pathForModel(document);
    const settings = this.settings.read(document);
    if (isDocumentAllowed(toTextSource(document), path, settings) !== undefined) return false;
    return !(await this.excluded.has(document));
  }
}

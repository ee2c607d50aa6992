import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import { excerpt, relatedShares } from '../completion/relatedText';
import { wellFormedLines } from '../completion/textSource';
import { RelatedFileLists } from '../runtime-client/relatedFileLists';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import type { Settings } from '../settings/table';
import { pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import { ImportedDocuments, isBeside, type DocumentPlace } from './importedDocuments';
import { isReadable } from './readableDocument';
import type { SettingsStore } from './settingsStore';

/** Background reading waits so long for a language server; what it finds later serves the next one. */
const IMPORTS_WAIT_MS = 200;

/** Of many edited documents the last ones: the others are not to take the place of what is imported. */
const MOST_EDITED = 4;

/**
 * Tells the runtime which files belong to the document that is typed in: those that it imports, those in view and those that were
 * edited or shown last, as far as they may be read at all. Asked by background reading only; what did not change is not sent again.
 */
export class RelatedDocuments extends Disposable {
  private readonly found = this.register(new Emitter<vscode.TextDocument>());
  /** Fired when a language server has told too late what a document imports. */
  readonly onFound = this.found.event;
  /** Where the cursor was in documents when they were shown, the last one last. */
  private readonly shown = new Map<string, number>();
  /** Where documents were edited, the last one last. */
  private readonly edited = new Map<string, number>();
  private readonly imported = new ImportedDocuments();
  private readonly lists: RelatedFileLists;

  constructor(
    runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly excluded: ExcludedFiles,
  ) {
    super();
    this.lists = this.register(new RelatedFileLists(runtime));
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const line = contentChanges[0]?.range.start.line;
        if (line !== undefined) note(this.edited, document, line);
      }),
    );
    this.register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined) note(this.shown, editor.document, editor.selection.active.line);
      }),
    );
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.forget(document);
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
    this.lists.tell(document.uri.toString(), { files, mostTokens });
  }

  private forget({ uri }: vscode.TextDocument): void {
    const key = uri.toString();
    this.shown.delete(key);
    this.edited.delete(key);
    this.imported.forget(key);
    this.lists.forget(key);
  }

  private async filesFor(document: vscode.TextDocument, mostTokens: number) {
    const candidates = await this.candidates(document);
    const allowed: DocumentPlace[] = [];
    const { files: most } = relatedShares(candidates.length, mostTokens);
    // From the most important one on: more than are read need not be looked at.
    for (const candidate of candidates.reverse()) {
      if (allowed.length === most) break;
      const { document: other } = candidate;
      const isAllowed = await isReadable(other, this.settings.read(other), this.excluded);
      if (isAllowed) allowed.unshift(candidate);
    }
    const { characters } = relatedShares(allowed.length, mostTokens);
    return allowed.map(({ document: each, line }) => ({
      path: pathForModel(each),
      text: wellFormedLines(excerpt(toTextSource(each), line, characters)),
    }));
  }

  /** The most important one last: those that were only shown, imported ones, those in view, edited ones. */
  private async candidates(document: vscode.TextDocument) {
    const found = new Map<string, DocumentPlace>();
    const add = (each: vscode.TextDocument, line: number) => {
      if (each.isClosed || !isBeside(document, each.uri)) return;
      const key = each.uri.toString();
      found.delete(key);
      found.set(key, { document: each, line });
    };
    if (vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return [];
    const imported = await this.imported.of(document, IMPORTS_WAIT_MS, () => {
      this.found.fire(document);
    });
    for (const each of openBeside(document, this.shown)) add(each.document, each.line);
    for (const each of imported) add(each.document, each.line);
    for (const editor of vscode.window.visibleTextEditors) {
      add(editor.document, editor.selection.active.line);
    }
    for (const each of openBeside(document, this.edited).slice(-MOST_EDITED)) {
      add(each.document, each.line);
    }
    return [...found.values()];
  }
}

/** Those of the places whose documents are open in the document's own folder, in their order. */
function openBeside(
  document: vscode.TextDocument,
  places: ReadonlyMap<string, number>,
): DocumentPlace[] {
  const open = new Map(vscode.workspace.textDocuments.map((each) => [each.uri.toString(), each]));
  return [...places].flatMap(([key, line]) => {
    const each = open.get(key);
    return each !== undefined && isBeside(document, each.uri) ? [{ document: each, line }] : [];
  });
}

function note(places: Map<string, number>, { uri }: vscode.TextDocument, line: number): void {
  const key = uri.toString();
  places.delete(key);
  places.set(key, line);
}

import * as vscode from 'vscode';
import type { CompletionSession } from '../completion/completionSession';
import type { DocumentMirror } from '../completion/documentMirror';
import type { KeyTimes } from '../completion/keyTimes';
import { Disposable } from '../common/disposable';
import { notebookAround } from './notebookText';

/** Passes the editor's changes on to the mirror. Documents are opened there by the first request for them. */
export class DocumentTracking extends Disposable {
  constructor(mirror: DocumentMirror, session: CompletionSession, keys: KeyTimes) {
    super();
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const notebook = notebookAround(document);
        const firstLine = notebook?.firstLine ?? 0;
        const { uri, version } = notebook?.source ?? {
          uri: document.uri.toString(),
          version: document.version,
        };
        const changes = contentChanges.map(({ range, text }) => ({
          start: shifted(range.start, firstLine),
          end: shifted(range.end, firstLine),
          text,
        }));
        mirror.change(uri, version, changes);
        if (changes.length > 0) keys.note(uri);
      }),
    );
    this.register(
      vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
        if (contentChanges.length > 0) mirror.invalidate(notebook.uri.toString());
      }),
    );
    this.register(
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        mirror.close(notebook.uri.toString());
      }),
    );
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        const uri = document.uri.toString();
        session.closeDocument(uri);
        mirror.close(uri);
        keys.forget(uri);
      }),
    );
  }
}

function shifted({ line, character }: vscode.Position, firstLine: number) {
  return { line: line + firstLine, character };
}

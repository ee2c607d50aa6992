import * as vscode from 'vscode';
import { modelPath } from '../completion/modelPath';
import type { VersionedSource } from '../completion/documentMirror';
import { fileOf } from './notebookText';

/** Documents that are no text of the user's own: output, history, comments on it, views of the editor itself. */
const FOREIGN_SCHEMES = new Set([
  'output',
  'git',
  'comment',
  'vscode-settings',
  'mamba-complete-state',
  'mamba-complete-explain',
  'mamba-complete-preview',
]);

export function isCompletable(document: vscode.TextDocument): boolean {
  return !document.isClosed && !FOREIGN_SCHEMES.has(document.uri.scheme);
}

/** The document as the pure code reads it: line by line, never as a whole. */
export function toTextSource(document: vscode.TextDocument): VersionedSource {
  return {
    uri: document.uri.toString(),
    languageId: document.languageId,
    eol: document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n',
    get version() {
      return document.version;
    },
    get lineCount() {
      return document.lineCount;
    },
    lineAt: (line) => document.lineAt(line).text,
  };
}

/** `Untitled-1` would be taken for a word of the text; the model has seen many files of this name. */
const NAMELESS = 'main';

/** The name under which git itself keeps what is typed into the box for commit messages. */
const COMMIT_MESSAGE = 'COMMIT_EDITMSG';

/** The document's path as the model reads it. */
export function pathForModel(document: vscode.TextDocument): string {
  const { isUntitled, languageId } = document;
  if (document.uri.scheme === 'vscode-scm') return COMMIT_MESSAGE;
  const uri = fileOf(document);
  // An untitled document may have been given the path that it will be saved to.
  const isNameless = isUntitled && !uri.path.startsWith('/');
  return modelPath({
    path: isNameless ? NAMELESS : vscode.workspace.asRelativePath(uri, false),
    isInWorkspace: isNameless || vscode.workspace.getWorkspaceFolder(uri) !== undefined,
    languageId,
    hasOwnExtension: !isNameless && uri === document.uri,
  });
}

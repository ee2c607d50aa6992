import * as vscode from 'vscode';
import type { Surroundings } from '../completion/completionSession';
import type { VersionedSource } from '../completion/documentMirror';

/** The file that a document is a part of: that of the notebook for a cell, else its own. */
export function fileOf(document: vscode.TextDocument): vscode.Uri {
  return notebookOf(document)?.uri ?? document.uri;
}

/** The code cells of the document's notebook, one after another as one text, and where in it the document stands. */
export function notebookAround(document: vscode.TextDocument): Surroundings | undefined {
  const notebook = notebookOf(document);
  if (notebook === undefined) return undefined;
  const cells = codeCells(notebook);
  const index = cells.indexOf(document);
  if (index < 0) return undefined;
  const firstLine = cells.slice(0, index).reduce((lines, cell) => lines + cell.lineCount, 0);
  return { source: notebookSource(notebook, document.languageId), firstLine };
}

function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find((candidate) =>
    candidate.getCells().some((cell) => cell.document === document),
  );
}

function notebookSource(notebook: vscode.NotebookDocument, languageId: string): VersionedSource {
  return {
    uri: notebook.uri.toString(),
    languageId,
    eol: '\n',
    // Grows with every edit of a cell; a cell that comes, goes or moves invalidates the whole.
    get version() {
      return codeCells(notebook).reduce((sum, cell) => sum + cell.version, 0);
    },
    get lineCount() {
      return codeCells(notebook).reduce((lines, cell) => lines + cell.lineCount, 0);
    },
    lineAt(line) {
      let rest = line;
      for (const cell of codeCells(notebook)) {
        if (rest < cell.lineCount) return cell.lineAt(rest).text;
        rest -= cell.lineCount;
      }
      throw new RangeError(`The notebook has no line ${line}.`);
    },
  };
}

function codeCells(notebook: vscode.NotebookDocument): vscode.TextDocument[] {
  return notebook
    .getCells()
    .filter((cell) => cell.kind === vscode.NotebookCellKind.Code)
    .map((cell) => cell.document);
}

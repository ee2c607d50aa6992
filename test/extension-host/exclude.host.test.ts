import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, pause, readyExtension, until } from './extension';

const UNFINISHED = 'function add(a, b) {\n  return ';
/** Long enough that a suggestion would have come: those before it in this suite took less. */
const QUIET_MS = 4000;
/** Until the editor has told of a changed file. */
const NOTICED_MS = 20_000;

suite('files that are kept from being read', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await setExclude(undefined);
    await setHidden(undefined);
    await vscode.workspace.fs.delete(file('.gitignore'), { useTrash: false }).then(
      () => undefined,
      // Not every test writes one.
      () => undefined,
    );
    await closeAll();
  });

  test('by a pattern, and read again without it', async () => {
    await setExclude({ '**/private': true });
    const editor = await open('private/add.js');
    assert.equal(await acceptSuggestion(editor, QUIET_MS), undefined);
    assert.equal(await api.describeDocument(editor.document.uri), undefined, 'it was sent');
    await setExclude({ '**/private': false });
    // At the place where it got nothing the editor does not ask again.
    assert.ok(await acceptSuggestion(await open('private/other.js')));
  }).timeout(120_000);

  test('by the editor’s own files.exclude', async () => {
    await setHidden({ '**/build': true });
    const editor = await open('build/add.js');
    assert.equal(await acceptSuggestion(editor, QUIET_MS), undefined);
    assert.equal(await api.describeDocument(editor.document.uri), undefined, 'it was sent');
  }).timeout(120_000);

  test('by a name that tells of secrets: neither completed nor read, not by command either', async () => {
    for (const name of ['.env', 'deploy/id_rsa', 'server.key']) {
      const editor = await open(name);
      const before = editor.document.getText();
      await vscode.commands.executeCommand('type', { text: 'a' });
      assert.equal(await acceptSuggestion(editor, QUIET_MS), undefined);
      await vscode.commands.executeCommand('mambaComplete.generateAtCursor');
      assert.equal(editor.document.getText(), `${before}a`);
      assert.equal(await api.describeDocument(editor.document.uri), undefined, 'it was sent');
      await closeAll();
    }
    // The same text under another name is.
    assert.ok(await acceptSuggestion(await open('environment.js')));
  }).timeout(120_000);

  test('with the cells of a notebook, by a folder of the workspace or a .gitignore', async () => {
    await setExclude({ 'private/**': true });
    await write('.gitignore', 'ignored/\n');
    for (const path of ['private/cells.ipynb', 'ignored/cells.ipynb']) {
      const notebook = await openNotebook(path);
      assert.equal(await acceptSuggestion(cellEditor(notebook), QUIET_MS), undefined, path);
      assert.equal(await api.describeDocument(notebook.uri), undefined, `${path} was sent`);
      await closeAll();
    }
    const notebook = await openNotebook('open/cells.ipynb');
    assert.ok(await acceptSuggestion(cellEditor(notebook)));
  }).timeout(120_000);

  test('by a .gitignore, as soon as it is written', async () => {
    const editor = await open('generated/add.js');
    assert.ok(await acceptSuggestion(editor));
    await write('.gitignore', 'generated/\n');
    const ignored = await open('generated/other.js');
    await until(
      async () => (await acceptSuggestion(ignored, 500)) === undefined,
      NOTICED_MS,
      'the file is ignored',
    );
    await pause(QUIET_MS);
    assert.equal(await acceptSuggestion(ignored, QUIET_MS), undefined);
  }).timeout(120_000);
});

function file(path: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the window has no folder');
  return vscode.Uri.joinPath(folder.uri, path);
}

async function write(path: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(file(path), new TextEncoder().encode(text));
}

/** Writes and shows the unfinished text, with the cursor at its end. */
async function open(path: string): Promise<vscode.TextEditor> {
  await write(path, UNFINISHED);
  const editor = await vscode.window.showTextDocument(file(path));
  const end = editor.document.lineAt(1).range.end;
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

/** Writes and shows a notebook whose one cell has the unfinished text, and puts the cursor at its end. */
async function openNotebook(path: string): Promise<vscode.NotebookDocument> {
  const source = UNFINISHED.split(/(?<=\n)/);
  const cells = [{ cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source }];
  await write(path, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const notebook = await vscode.workspace.openNotebookDocument(file(path));
  await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('notebook.focusTop');
  await vscode.commands.executeCommand('notebook.cell.edit');
  const isEdited = () => vscode.window.activeTextEditor?.document === notebook.cellAt(0).document;
  await until(isEdited, 20_000, 'the cell is edited');
  return notebook;
}

function cellEditor(notebook: vscode.NotebookDocument): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor);
  const end = notebook.cellAt(0).document.lineAt(1).range.end;
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

async function setExclude(value: Record<string, boolean> | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('exclude', value, vscode.ConfigurationTarget.Global);
}

async function setHidden(value: Record<string, boolean> | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('files')
    .update('exclude', value, vscode.ConfigurationTarget.Global);
}

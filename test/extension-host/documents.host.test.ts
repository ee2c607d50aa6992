import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suiteSetup, suiteTeardown, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { closeAll, readyExtension, showText, until } from './extension';

const CODE = 'function area(width, height) {\n  return width * height;\n}\n';
const IN_STEP_TIMEOUT_MS = 30_000;

suite('the runtime’s copy of a document', () => {
  let api: ExtensionApi;
  const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-documents-'));
  suiteSetup(async () => {
    api = await readyExtension();
  });
  suiteTeardown(() => rmSync(folder, { recursive: true, force: true }));
  teardown(closeAll);

  /** Asks for a suggestion at the cursor; then the runtime's copy has the version and the size of the editor's text. */
  async function expectInStep(
    documents: readonly vscode.TextDocument[],
    uri = documents[0].uri,
  ): Promise<void> {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    const size = () =>
      documents
        .map((document) => document.getText().replaceAll('\r\n', '\n').length)
        .reduce((sum, length) => sum + length + 1);
    const lines = () => documents.reduce((sum, document) => sum + document.lineCount, 0);
    let seen = 'nothing';
    await until(
      async () => {
        const held = await api.describeDocument(uri);
        seen = `version ${held?.version}, ${held?.lineCount} lines, ${held?.sizeCharacters} characters`;
        return (
          held?.version === documents.reduce((sum, { version }) => sum + version, 0) &&
          held.lineCount === lines() &&
          held.sizeCharacters === size()
        );
      },
      IN_STEP_TIMEOUT_MS,
      `the runtime has ${lines()} lines, ${size()} characters`,
    ).catch((error: unknown) => assert.fail(`${String(error)}; it has ${seen}`));
  }

  const cursorTo = (editor: vscode.TextEditor, line: number, character: number) => {
    const position = new vscode.Position(line, character);
    editor.selection = new vscode.Selection(position, position);
  };

  test('follows edits, undo and redo', async () => {
    const editor = await showText(`${CODE}↓`, 'javascript');
    await expectInStep([editor.document]);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 2), '// comment\n  '));
    await expectInStep([editor.document]);
    await vscode.commands.executeCommand('undo');
    await expectInStep([editor.document]);
    await vscode.commands.executeCommand('redo');
    await expectInStep([editor.document]);
  });

  test('is read where somebody has scrolled to, before the cursor is set there', async () => {
    const code = Array.from({ length: 150 }, (_, i) => CODE.replace('area', `area${i}`)).join('');
    const editor = await showText(`↓${code}`, 'javascript');
    editor.revealRange(new vscode.Range(300, 0, 300, 0), vscode.TextEditorRevealType.AtTop);
    await until(
      async () => {
        const { states = [] } = (await api.describeDocument(editor.document.uri)) ?? {};
        const lines = states
          .filter(({ kind }) => kind === 'view')
          .map(({ position }) => position.line);
        return lines.filter((line) => line >= 290 && line < 400).length >= 3;
      },
      IN_STEP_TIMEOUT_MS,
      'states of what is in view',
    );
    cursorTo(editor, 310, editor.document.lineAt(310).text.length);
    await expectInStep([editor.document]);
    await until(
      async () => (await api.describeDocument(editor.document.uri))?.last !== undefined,
      IN_STEP_TIMEOUT_MS,
      'an answer',
    );
    const { last } = (await api.describeDocument(editor.document.uri)) ?? {};
    assert.ok(last);
    assert.ok(['region', 'cursor'].includes(last.reuse), JSON.stringify({ ...last, prompt: '' }));
    assert.ok(last.promptTokens - last.tokensRead > 300, JSON.stringify({ ...last, prompt: '' }));
  });

  test('follows several cursors and a replaced text', async () => {
    const editor = await showText(`${CODE}${CODE}${CODE}↓`, 'javascript');
    await expectInStep([editor.document]);
    editor.selections = [0, 3, 6].map((line) => new vscode.Selection(line, 9, line, 13));
    await vscode.commands.executeCommand('type', { text: 'size\n' });
    await expectInStep([editor.document]);
    const all = new vscode.Range(0, 0, editor.document.lineCount, 0);
    await editor.edit((edit) => edit.replace(all, CODE.replaceAll('  ', '\t')));
    cursorTo(editor, 1, 0);
    await expectInStep([editor.document]);
  });

  test('follows CRLF documents and a change of their line ends', async () => {
    const editor = await showText(`${CODE.replaceAll('\n', '\r\n')}↓`, 'javascript');
    await expectInStep([editor.document]);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '  let x;\r\n'));
    await expectInStep([editor.document]);
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.LF));
    await expectInStep([editor.document]);
  });

  test('follows a paste of 300,000 characters', async () => {
    const editor = await showText(`${CODE}↓`, 'plaintext');
    await expectInStep([editor.document]);
    await editor.edit((edit) => edit.insert(new vscode.Position(3, 0), CODE.repeat(5300)));
    await expectInStep([editor.document]);
  }).timeout(120_000);

  test('follows a file that is another on disk, as after a checkout, and a rename', async () => {
    const file = vscode.Uri.file(path.join(folder, 'area.js'));
    writeFileSync(file.fsPath, CODE);
    const editor = await vscode.window.showTextDocument(file);
    cursorTo(editor, 1, 2);
    await expectInStep([editor.document]);
    writeFileSync(file.fsPath, `// another version\n${CODE}${CODE}`);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until(
      () => editor.document.lineCount === 8,
      10_000,
      'the editor has read the file again',
    );
    await expectInStep([editor.document]);

    const renamed = vscode.Uri.file(path.join(folder, 'surface.js'));
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(file, renamed);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const after = await vscode.window.showTextDocument(renamed);
    cursorTo(after, 2, 2);
    await expectInStep([after.document]);
    await until(
      async () => (await api.describeDocument(file)) === undefined,
      10_000,
      'the old name is forgotten',
    );
  });

  test('follows a text that gets a name, as by saving it under one', async () => {
    const named = path.join(folder, 'named.js');
    const untitled = vscode.Uri.file(named).with({ scheme: 'untitled' });
    const editor = await vscode.window.showTextDocument(untitled);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), CODE));
    cursorTo(editor, 1, 2);
    await expectInStep([editor.document]);
    assert.ok(await editor.document.save());
    const file = vscode.Uri.file(named);
    const after = await vscode.window.showTextDocument(file);
    cursorTo(after, 2, 2);
    await expectInStep([after.document]);
    await until(
      async () => (await api.describeDocument(untitled)) === undefined,
      10_000,
      'the text without a name is forgotten',
    );
  });

  test('follows the right side of a diff editor', async () => {
    const [left, right] = ['left.js', 'right.js'].map((name) =>
      vscode.Uri.file(path.join(folder, name)),
    );
    writeFileSync(left.fsPath, CODE);
    writeFileSync(right.fsPath, CODE.replace('area', 'surface'));
    await vscode.commands.executeCommand('vscode.diff', left, right);
    await until(
      () => vscode.window.activeTextEditor?.document.uri.fsPath === right.fsPath,
      10_000,
      'the diff editor is open',
    );
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 2), 'let x = 1;\n  '));
    cursorTo(editor, 2, 2);
    await expectInStep([editor.document]);
  });

  test('has all code cells of a notebook as one text', async () => {
    const cell = (text: string) =>
      new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'python');
    const data = new vscode.NotebookData([cell('import math\n\nwidth = 3'), cell('height = ')]);
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', data);
    await vscode.window.showNotebookDocument(notebook);
    await vscode.commands.executeCommand('notebook.focusBottom');
    await vscode.commands.executeCommand('notebook.cell.edit');
    await until(
      () => vscode.window.activeTextEditor?.document === notebook.cellAt(1).document,
      20_000,
      'the second cell is edited',
    );
    const documents = notebook.getCells().map(({ document }) => document);
    await expectInStep(documents, notebook.uri);
    const insert = new vscode.WorkspaceEdit();
    insert.insert(documents[0].uri, new vscode.Position(0, 11), '\nimport re');
    assert.ok(await vscode.workspace.applyEdit(insert));
    await expectInStep(documents, notebook.uri);
  }).timeout(120_000);

  test('is freed when the document is closed', async () => {
    const editor = await showText(`${CODE}↓`, 'javascript');
    await expectInStep([editor.document]);
    await closeAll();
    await until(
      async () => (await api.describeDocument(editor.document.uri)) === undefined,
      10_000,
      'the document is forgotten',
    );
  });
});

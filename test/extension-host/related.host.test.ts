import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { closeAll, readyExtension, until } from './extension';

const TEXT = "import { add } from './imported';\n\nexport function twice(a) {\n  return ";
/** Background reading of a document and its files, on a busy machine. */
const READ_MS = 30_000;

suite('files that are read before a document', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await setTokens(undefined);
    await vscode.workspace.fs.delete(file('.gitignore'), { useTrash: false }).then(
      () => undefined,
      // Not every test writes one.
      () => undefined,
    );
    await closeAll();
  });

  const relatedTo = async (uri: vscode.Uri) => (await api.describeDocument(uri))?.related;
  /** Of the files that have been read to their end. */
  const namesOf = async (uri: vscode.Uri) => {
    const related = await relatedTo(uri);
    if (!related || related.tokensRead < sum(related.files)) return [];
    return related.files.map((each) => each.path);
  };
  const isReadAlone = async (uri: vscode.Uri) => {
    const described = await api.describeDocument(uri);
    return described !== undefined && described.states.length > 0 && !described.related;
  };

  test('are none unless the setting asks for them', async () => {
    await show('helper.js', 'export const helper = 1;\n');
    const editor = await show('user.js', TEXT);
    const { uri } = editor.document;
    await until(() => isReadAlone(uri), READ_MS, 'the document is read');
    assert.equal(await relatedTo(uri), undefined);
  }).timeout(120_000);

  test('are those that it imports and those shown last, but none that may not be read; the view names them', async () => {
    await write('imported.js', 'export function add(a, b) {\n  return a + b;\n}\n');
    await write('.gitignore', 'ignored/\n');
    // As a language server answers.
    const provider = vscode.languages.registerDefinitionProvider('javascript', {
      provideDefinition: ({ uri }, { line }) =>
        uri.path.endsWith('/user.js') && line === 0
          ? new vscode.Location(file('imported.js'), new vscode.Position(0, 16))
          : undefined,
    });
    try {
      await setTokens(600);
      await show('ignored/other.js', 'export const ignored = 1;\n');
      await show('server.key', 'secret\n');
      await show('helper.js', 'export const helper = 1;\n');
      const editor = await show('user.js', TEXT);
      const { uri } = editor.document;
      await until(async () => (await namesOf(uri)).includes('helper.js'), READ_MS, 'one is read');
      // What a language server finds too late is there when typing rests.
      await vscode.commands.executeCommand('type', { text: 'a' });
      const both = 'imported.js,helper.js';
      await until(async () => (await namesOf(uri)).join() === both, READ_MS, 'both are read');
      const related = await relatedTo(uri);
      assert.ok(related && sum(related.files) <= 600 && related.sizeBytes > 0);
      await vscode.commands.executeCommand('mambaComplete.showDocumentState');
      const view = vscode.workspace.textDocuments.find(
        (document) => document.uri.scheme === 'mamba-complete-state',
      );
      assert.match(view?.getText() ?? '', /\nhelper\.js: \d+ tokens\n/);
      assert.doesNotMatch(view?.getText() ?? '', /ignored|server\.key/);
      // Off again: nothing of it stays once typing has rested.
      await setTokens(undefined);
      await vscode.window.showTextDocument(editor.document, editor.viewColumn);
      await vscode.commands.executeCommand('type', { text: 'a' });
      await until(() => isReadAlone(uri), READ_MS, 'the document is read alone');
    } finally {
      provider.dispose();
    }
  }).timeout(180_000);
});

function sum(files: readonly { tokens: number }[]): number {
  return files.reduce((total, { tokens }) => total + tokens, 0);
}

function file(path: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the window has no folder');
  return vscode.Uri.joinPath(folder.uri, path);
}

async function write(path: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(file(path), new TextEncoder().encode(text));
}

/** Writes and shows the text, with the cursor at its end. */
async function show(path: string, text: string): Promise<vscode.TextEditor> {
  await write(path, text);
  const editor = await vscode.window.showTextDocument(file(path), { preview: false });
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

async function setTokens(value: number | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('relatedFilesTokens', value, vscode.ConfigurationTarget.Global);
}

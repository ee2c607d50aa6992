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

  test('are those that it imports and those edited last, but none that may not be read; the view names them', async () => {
    await write('imported.js', 'export function add(a, b) {\n  return a + b;\n}\n');
    await write('.gitignore', 'ignored/\n');
    // As a language server answers, but only when it is let.
    let answer = () => undefined as void;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const provider = vscode.languages.registerDefinitionProvider('javascript', {
      provideDefinition: async ({ uri }, { line }) => {
        if (!uri.path.endsWith('/user.js') || line !== 0) return undefined;
        await asked;
        return new vscode.Location(file('imported.js'), new vscode.Position(0, 16));
      },
    });
    try {
      await setTokens(2000);
      await show('ignored/other.js', 'export const ignored = 1;\n');
      await show('server.key', 'secret\n');
      await show('helper.js', 'export const helper = 1;\n');
      await vscode.commands.executeCommand('type', { text: '// edited\n' });
      const editor = await show('user.js', TEXT);
      const { uri } = editor.document;
      const isLast = async () => (await namesOf(uri)).at(-1) === 'helper.js';
      await until(isLast, READ_MS, 'the edited one is read');
      // The language server was not waited for; what it finds is read when it has answered.
      assert.ok(!(await namesOf(uri)).includes('imported.js'));
      answer();
      let names: string[] = [];
      const isImported = async () => (names = await namesOf(uri)).includes('imported.js');
      await until(isImported, READ_MS, 'the imported one is read').catch((error: unknown) =>
        assert.fail(`${String(error)}; it has ${names.join()}`),
      );
      assert.equal(names.at(-1), 'helper.js');
      const related = await relatedTo(uri);
      assert.ok(related && sum(related.files) <= 2000 && related.sizeBytes > 0);
      await vscode.commands.executeCommand('mambaComplete.showDocumentState');
      const view = vscode.workspace.textDocuments.find(
        (document) =>
          document.uri.scheme === 'mamba-complete-state' && document.uri.query === uri.toString(),
      );
      assert.match(view?.getText() ?? '', /\nhelper\.js: \d+ tokens\n/);
      assert.doesNotMatch(view?.getText() ?? '', /ignored|server\.key/);
      // Off again: nothing of it stays once typing has rested.
      await setTokens(undefined);
      await vscode.window.showTextDocument(editor.document, editor.viewColumn);
      let nextKeyAt = 0;
      const isReadAfterKey = async () => {
        // A suggestion that comes meanwhile ends the reading, which then waits for the next rest.
        if (Date.now() >= nextKeyAt) {
          await vscode.commands.executeCommand('type', { text: 'a' });
          nextKeyAt = Date.now() + READ_MS / 4;
        }
        return isReadAlone(uri);
      };
      await until(isReadAfterKey, READ_MS, 'the document is read alone');
    } finally {
      answer();
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

import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import { acceptSuggestion, closeAll, pause, readyExtension, showText, until } from './extension';

const UNFINISHED =
  'class Rectangle:\n    def __init__(self, width, height):\n' +
  '        self.width = width\n        self.height = height\n\n    def area(self):\n        ↓\n';
const SIGNATURE = 'function add(a, b) {\n  return a + b;\n}\n\nfunction subtract(a, b) {↓}\n';
const GENERATION_MS = 60_000;
/** From the runtime's answer to the list on the screen, on a busy machine. */
const LIST_FILLED_MS = 2000;

suite('generation by command', () => {
  suiteSetup(async () => {
    await readyExtension();
  });
  teardown(async () => {
    await setEnabled(undefined);
    await closeAll();
    await readyExtension();
  });

  test('writes at the cursor in several pieces, undone in one step', async () => {
    const editor = await showText(UNFINISHED, 'python');
    const { document } = editor;
    const before = document.getText();
    let changes = 0;
    const listener = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && event.contentChanges.length > 0) changes++;
    });
    await run('generateAtCursor');
    listener.dispose();
    const after = document.getText();
    assert.match(after, /def area\(self\):\n {8}return self\.width/);
    assert.ok(changes > 1, `${changes} changes`);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), after);
  }).timeout(GENERATION_MS);

  test('stops, keeps what was written and undoes that in one step too', async () => {
    const editor = await showText('const numbers = [\n  1,\n  2,\n  3,\n  4,\n  ↓\n', 'javascript');
    const { document } = editor;
    const before = document.getText();
    const finished = run('generateAtCursor');
    await until(() => document.getText() !== before, 40_000, 'the first piece is written');
    await run('stopGenerating');
    await finished;
    const stopped = document.getText();
    await pause(500);
    assert.equal(document.getText(), stopped, 'written after the stop');
    assert.ok(document.lineCount < 50, 'it was not stopped');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  }).timeout(GENERATION_MS);

  test('is undone in one step although the file was saved meanwhile', async () => {
    const content = 'const numbers = [\n  1,\n  2,\n  3,\n  4,\n  ';
    const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('no folder');
    const uri = vscode.Uri.joinPath(folder.uri, 'numbers.js');
    await vscode.workspace.fs.writeFile(uri, Buffer.from(content));
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    const end = document.positionAt(content.length);
    editor.selection = new vscode.Selection(end, end);
    const finished = run('generateAtCursor');
    await until(() => document.getText() !== content, 40_000, 'the first piece is written');
    let saves = 0;
    const listener = vscode.workspace.onDidSaveTextDocument(() => saves++);
    // Its answer tells whether the document is clean, and that it seldom is while more is written.
    await document.save();
    await until(() => saves > 0, 20_000, 'the document is saved');
    listener.dispose();
    const saved = document.getText().length;
    await until(() => document.getText().length > saved, 40_000, 'more is written');
    await run('stopGenerating');
    await finished;
    const stopped = document.getText();
    assert.ok(stopped.length > saved);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), content);
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), stopped);
    await vscode.workspace.fs.delete(uri);
  }).timeout(GENERATION_MS);

  test('ends when the user types meanwhile, and leaves what was typed', async () => {
    const editor = await showText('const numbers = [\n  1,\n  2,\n  3,\n  4,\n  ↓\n', 'javascript');
    const { document } = editor;
    const before = document.getText();
    const finished = run('generateAtCursor');
    await until(() => document.getText() !== before, 40_000, 'the first piece is written');
    await vscode.commands.executeCommand('type', { text: '§' });
    await finished;
    const stopped = document.getText();
    assert.match(stopped, /^const numbers = \[\n {2}1,\n[^§]*§/);
    await pause(500);
    assert.equal(document.getText(), stopped, 'written after the user typed');
  }).timeout(GENERATION_MS);

  test('completes a function’s body inside its braces', async () => {
    const editor = await showText(SIGNATURE, 'javascript');
    await run('completeFunctionBody');
    assert.match(
      editor.document.getText(),
      /function subtract\(a, b\) \{\n {2,4}return a - b;\n\}\n$/,
    );
  }).timeout(GENERATION_MS);

  test('previews what it generates from a comment, and writes it when it is accepted', async () => {
    const marked =
      'function add(a, b) {\n  return a + b;\n}\n\n// Returns the product of a and b↓\n';
    const { document } = await showText(marked, 'javascript');
    const before = document.getText();
    await run('generateFromSelection');
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const preview = await vscode.workspace.openTextDocument(input.modified);
    assert.ok(preview.getText().startsWith(before.trimEnd()));
    assert.ok(preview.getText().length > before.length);
    assert.equal(document.getText(), before, 'written before it was accepted');
    await run('acceptGenerated');
    assert.equal(document.getText(), preview.getText());
    assert.equal(vscode.window.activeTextEditor?.document, document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  }).timeout(GENERATION_MS);

  test('discards a preview', async () => {
    const { document } = await showText('// Returns the sum of a and b↓\n', 'javascript');
    const before = document.getText();
    await run('generateFromSelection');
    await run('discardGenerated');
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.ok(tabs.every(({ input }) => !(input instanceof vscode.TabInputTextDiff)));
    assert.equal(document.getText(), before);
  }).timeout(GENERATION_MS);

  test('lists alternatives from one request, and inserts the one that is chosen', async () => {
    const marked = 'function area(width, height) {\n  const result = ↓;\n  return result;\n}\n';
    const first = await chooseAlternative(await showText(marked, 'javascript'), 0);
    const second = await chooseAlternative(await showText(marked, 'javascript'), 1);
    assert.notEqual(first, second);
    for (const text of [first, second]) {
      assert.match(text, /^function area\(width, height\) \{\n {2}const result = [^;\n]+;\n/);
    }
  }).timeout(2 * GENERATION_MS);

  test('writes nothing while completions are off, and returns', async () => {
    await setEnabled(false);
    const editor = await showText(SIGNATURE, 'javascript');
    const before = editor.document.getText();
    for (const name of [
      'generateAtCursor',
      'completeFunctionBody',
      'generateFromSelection',
      'showAlternatives',
      'clearStates',
      'explainSuggestion',
      'acceptGenerated',
      'stopGenerating',
    ]) {
      await run(name);
    }
    assert.equal(editor.document.getText(), before);
  });

  test('explains the last suggestion with the exact prompt and probabilities', async () => {
    await acceptSuggestion(await showText('const width = 3;\nconst height = ↓\n', 'javascript'));
    await run('explainSuggestion');
    const explained = () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'mamba-complete-explain');
    // A text that was open before is brought up to date a moment later.
    const isNew = () => /const width = 3;/.test(explained()?.getText() ?? '');
    await until(isNew, 10_000, 'the explanation is open');
    const text = explained()?.getText() ?? '';
    assert.match(text, /Asked for by command/);
    assert.match(text, /prompt tokens were replayed/);
    assert.match(text, /\d+\.\d %/);
    assert.match(text, /<\|file_sep\|>.*\nconst width = 3;\nconst height = /);
  }).timeout(GENERATION_MS);

  test('clears the states of all documents', async () => {
    const { document } = await showText('const width = 3;\nconst height = ↓\n', 'javascript');
    assert.ok(await acceptSuggestion(vscode.window.activeTextEditor ?? assert.fail()));
    await run('showDocumentState');
    assert.match(await stateText(document), /^[1-9]\d* states/m);
    // Background reading would keep new ones.
    await vscode.workspace
      .getConfiguration('mambaComplete')
      .update('prewarm', 'off', vscode.ConfigurationTarget.Global);
    await run('clearStates');
    await run('showDocumentState');
    await until(async () => /^0 states/m.test(await stateText(document)), 10_000, 'no states');
    await vscode.workspace
      .getConfiguration('mambaComplete')
      .update('prewarm', undefined, vscode.ConfigurationTarget.Global);
  }).timeout(GENERATION_MS);
});

/** The document after the entry of that index was chosen from the list. Exactly one request has made the list. */
async function chooseAlternative(editor: vscode.TextEditor, index: number): Promise<string> {
  const { document } = editor;
  const before = document.getText();
  const api = await readyExtension();
  const asked = async () => (await api.describeDocument(document.uri))?.requests ?? 0;
  const isAnswered = async () =>
    (await api.describeDocument(document.uri))?.last?.generated !== undefined;
  assert.equal(await asked(), 0);
  const closed = run('showAlternatives');
  await until(isAnswered, 40_000, 'the list is filled');
  assert.equal(await asked(), 1);
  // The runtime knows its answer before the list has it, and nothing tells when the list has.
  if (index > 0) await pause(LIST_FILLED_MS);
  for (let i = 0; i < index; i++) {
    await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
  }
  const isChosen = async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return document.getText() !== before;
  };
  await until(isChosen, 10_000, 'the text is inserted');
  await closed;
  return document.getText();
}

async function stateText(document: vscode.TextDocument): Promise<string> {
  const isOpen = ({ uri }: vscode.TextDocument) =>
    uri.scheme === 'mamba-complete-state' && uri.query === document.uri.toString();
  await until(() => vscode.workspace.textDocuments.some(isOpen), 10_000, 'the state is shown');
  return vscode.workspace.textDocuments.find(isOpen)?.getText() ?? '';
}

async function run(name: string): Promise<void> {
  await vscode.commands.executeCommand(`mambaComplete.${name}`);
}

async function setEnabled(value: boolean | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('enable', value, vscode.ConfigurationTarget.Global);
}

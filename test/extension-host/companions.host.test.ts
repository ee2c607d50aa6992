import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, readyExtension, showText, until } from './extension';

const UNFINISHED = 'function add(a, b) {\n  return ↓\n}\n';
const RECTANGLE = 'const width = 3;\nconst height = 4;\nconst area = ';
const SUGGESTION_MS = 50_000;

/** What else the editor shows at the cursor: its list of suggestions, ghost text of other extensions, its own input boxes. */
suite('beside others', () => {
  let api: ExtensionApi;
  const registered: vscode.Disposable[] = [];
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    for (const each of registered.splice(0)) each.dispose();
    await setConfidence(undefined);
    await closeAll();
  });

  test('goes on from the entry that is selected in the suggestion list', async () => {
    // Nothing that the model would write by itself.
    const entry = 'wildebeestCount';
    registered.push(
      vscode.languages.registerCompletionItemProvider('plaintext', {
        provideCompletionItems: () => [
          Object.assign(new vscode.CompletionItem(entry), { preselect: true, sortText: '!' }),
        ],
      }),
    );
    let asked = 0;
    let selected: string | undefined;
    registered.push(
      vscode.languages.registerInlineCompletionItemProvider('plaintext', {
        provideInlineCompletionItems: (_document, _position, context) => {
          asked++;
          selected = context.selectedCompletionInfo?.text;
          return [];
        },
      }),
    );
    // The editor asks for it by itself: what the model is unsure of is shown too.
    await setConfidence('all');
    const { document } = await showText(`${RECTANGLE}wil↓\n`, 'plaintext');
    // The part of the editor that listens to the list comes when the window is idle.
    const isThere = async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      return asked > 0;
    };
    await until(isThere, 20_000, 'the editor asks for ghost text');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    await vscode.commands.executeCommand('editor.action.triggerSuggest');
    await until(() => selected === entry, 20_000, 'the editor asks with the entry selected');
    const before = document.getText();
    const isAccepted = async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      return document.getText() !== before;
    };
    await until(isAccepted, SUGGESTION_MS, 'ghost text behind the selected entry');
    const line = document.lineAt(2).text;
    assert.ok(line.startsWith(`const area = ${entry}`), line);
    assert.ok(line.length > `const area = ${entry}`.length, `nothing follows the entry: ${line}`);
  }).timeout(2 * SUGGESTION_MS);

  test('stands beside the ghost text of another extension, each accepted as it is', async () => {
    const other = 'anotherExtensionsText;';
    let asked = 0;
    registered.push(
      vscode.languages.registerInlineCompletionItemProvider('javascript', {
        provideInlineCompletionItems: () => {
          asked++;
          return [new vscode.InlineCompletionItem(other)];
        },
      }),
    );
    // Both are in the list that the editor's own command goes through, in whatever order.
    const seen = new Set<string>();
    for (let others = 0; others < 4 && seen.size < 2; others++) {
      const editor = await showText(UNFINISHED, 'javascript');
      const { document } = editor;
      const empty = document.getText();
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      const isAnswered = async () =>
        (await api.describeDocument(document.uri))?.last?.generated !== undefined;
      await until(isAnswered, SUGGESTION_MS, 'our own suggestion');
      for (let i = 0; i < others; i++) {
        await vscode.commands.executeCommand('editor.action.inlineSuggest.showNext');
      }
      const isAccepted = async () => {
        await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
        return document.getText() !== empty;
      };
      await until(isAccepted, SUGGESTION_MS, 'a suggestion is accepted');
      seen.add(document.lineAt(1).text === `  return ${other}` ? 'other' : 'ours');
    }
    assert.ok(asked > 0);
    assert.deepEqual([...seen].sort(), ['other', 'ours']);
  }).timeout(4 * SUGGESTION_MS);

  test('is not disturbed by another extension that fails', async () => {
    registered.push(
      vscode.languages.registerInlineCompletionItemProvider('javascript', {
        provideInlineCompletionItems: () => {
          throw new Error('on purpose');
        },
      }),
    );
    assert.ok(await acceptSuggestion(await showText(UNFINISHED, 'javascript')));
  }).timeout(2 * SUGGESTION_MS);

  test('suggests in the box for commit messages when it is asked, and is quiet there otherwise', async () => {
    const control = vscode.scm.createSourceControl('mamba-test', 'Mamba test');
    registered.push(control);
    const isBox = ({ uri }: vscode.TextDocument) =>
      uri.scheme === 'vscode-scm' && uri.path.includes('mamba-test');
    control.inputBox.value = 'Add a test of the box for commit mess';
    await vscode.commands.executeCommand('workbench.view.scm');
    await until(
      () => vscode.workspace.textDocuments.some(isBox),
      20_000,
      'the box for commit messages is shown',
    );
    const box = vscode.workspace.textDocuments.find(isBox) ?? assert.fail();
    const { trigger } = vscode.workspace.getConfiguration('mambaComplete', box);
    assert.equal(trigger, 'manual');
    await vscode.commands.executeCommand('workbench.scm.focus');
    await vscode.commands.executeCommand('cursorBottom');
    const isAsked = async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      return (await api.describeDocument(box.uri))?.last?.generated !== undefined;
    };
    await until(isAsked, SUGGESTION_MS, 'the model has read the box');
    const held = await api.describeDocument(box.uri);
    assert.match(held?.last?.prompt ?? '', /COMMIT_EDITMSG\nAdd a test of the box for commit mess/);
  }).timeout(2 * SUGGESTION_MS);
});

async function setConfidence(value: string | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('confidence', value, vscode.ConfigurationTarget.Global);
}

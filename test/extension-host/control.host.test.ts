import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, pause, readyExtension, showText, until } from './extension';

const UNFINISHED = 'function add(a, b) {\n  return ↓\n}\n';
/** Long enough that it would have been asked for while typing: that takes a fraction of it. */
const QUIET_MS = 3000;

suite('control', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await setLanguages(undefined);
    await set('trigger', undefined);
    await set('prewarm', undefined);
    await set('confidence', undefined);
    await closeAll();
  });

  test('suggests nothing in a language that is switched off, and again when it is on', async () => {
    await setLanguages({ '*': true, javascript: false });
    const editor = await showText(UNFINISHED, 'javascript');
    assert.equal(await acceptSuggestion(editor, 4000), undefined);
    const other = await showText(UNFINISHED, 'typescript');
    assert.ok(await acceptSuggestion(other));
    await setLanguages({ '*': true, javascript: true });
    assert.ok(await acceptSuggestion(await showText(UNFINISHED, 'javascript')));
  });

  test('asks only by command where the trigger is manual', async () => {
    await set('trigger', 'manual');
    await expectNothingWhileTyping(() => set('trigger', 'automatic'));
  }).timeout(120_000);

  test('asks only by command during a snooze', async () => {
    await chooseFirst('mambaComplete.snooze');
    await expectNothingWhileTyping(() => chooseFirst('mambaComplete.endSnooze'));
  }).timeout(120_000);

  /** Nothing is asked for while typing until `endQuiet`, by command all the same. */
  async function expectNothingWhileTyping(endQuiet: () => Promise<void>): Promise<void> {
    // Only what asks for a suggestion sends a document.
    await set('prewarm', 'off');
    await set('confidence', 'all');
    const quiet = await showText(UNFINISHED, 'javascript');
    await typeUntilAsked();
    await pause(QUIET_MS);
    assert.equal(await requestsOf(quiet), 0, 'it was asked for while typing');
    assert.ok(await acceptSuggestion(await showText(UNFINISHED, 'javascript')));
    await endQuiet();
    const loud = await showText(UNFINISHED, 'javascript');
    await typeUntilAsked();
    await until(async () => (await requestsOf(loud)) > 0, 50_000, 'asked for while typing');
  }

  async function requestsOf({ document }: vscode.TextEditor): Promise<number> {
    return (await api.describeDocument(document.uri))?.requests ?? 0;
  }

  test('starts the runtime again when its process was killed, and suggests', async () => {
    const killed = api.runtimeProcessId();
    assert.ok(killed !== undefined);
    process.kill(killed, 'SIGKILL');
    await until(
      () => api.runtimeProcessId() !== killed && api.health().state === 'ready',
      60_000,
      'another runtime process is ready',
    );
    assert.ok(await acceptSuggestion(await showText(UNFINISHED, 'javascript')));
  }).timeout(120_000);

  test('has the documents of all visible editors read ahead, without a key', async () => {
    const left = await showText(UNFINISHED, 'javascript');
    const document = await vscode.workspace.openTextDocument({
      content: 'function area(width, height) {\n',
      language: 'javascript',
    });
    const right = await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
    // Another process has read nothing.
    const before = api.runtimeProcessId();
    await vscode.commands.executeCommand('mambaComplete.restartRuntime');
    for (const editor of [right, left]) {
      const isRead = async () => {
        if (api.runtimeProcessId() === before || api.health().state !== 'ready') return false;
        const held = await api.describeDocument(editor.document.uri);
        return held !== undefined && held.states.length > 0;
      };
      await until(isRead, 60_000, `${editor === left ? 'left' : 'right'} document is read`);
      assert.equal(await requestsOf(editor), 0, 'it was asked for');
    }
  }).timeout(120_000);

  test('ends the runtime on the command to restart it, and starts another', async () => {
    const before = api.runtimeProcessId();
    assert.ok(before !== undefined);
    await vscode.commands.executeCommand('mambaComplete.restartRuntime');
    await until(
      () => api.runtimeProcessId() !== before && api.health().state === 'ready',
      60_000,
      'another runtime process is ready',
    );
    assert.throws(() => process.kill(before, 0), 'the former process still runs');
  }).timeout(120_000);
});

/** Types until the editor asks its providers: the part of it that does comes when the window is idle. */
async function typeUntilAsked(): Promise<void> {
  let asked = 0;
  const recorder = vscode.languages.registerInlineCompletionItemProvider('javascript', {
    provideInlineCompletionItems: (_document, _position, { triggerKind }) => {
      if (triggerKind === vscode.InlineCompletionTriggerKind.Automatic) asked++;
      return [];
    },
  });
  let keyAt = -Infinity;
  const isAsked = async () => {
    // With a pause after each key: the editor asks when none has come for a moment. A letter may open the suggestion list, beside
    // which it does not ask; a number never does.
    if (asked === 0 && Date.now() - keyAt > 1000) {
      await vscode.commands.executeCommand('type', { text: '1' });
      keyAt = Date.now();
    }
    return asked > 0;
  };
  await until(isAsked, 30_000, 'the editor asks while typing');
  recorder.dispose();
}

/** Runs a command that shows a list, and takes the first entry, if one is shown. */
async function chooseFirst(command: string): Promise<void> {
  let isDone = false;
  void vscode.commands.executeCommand(command).then(() => (isDone = true));
  // A list that is accepted before it has its entries closes with nothing chosen.
  await pause(1000);
  const accept = async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return isDone;
  };
  await until(accept, 20_000, `${command} is done`);
}

async function set(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update(key, value, vscode.ConfigurationTarget.Global);
}

function setLanguages(value: Record<string, boolean> | undefined): Promise<void> {
  return set('languages', value);
}

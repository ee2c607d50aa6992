import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, readyExtension, showText, until } from './extension';

const UNFINISHED = 'function add(a, b) {\n  return ↓\n}\n';

suite('control', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await setLanguages(undefined);
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

async function setLanguages(value: Record<string, boolean> | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('languages', value, vscode.ConfigurationTarget.Global);
}

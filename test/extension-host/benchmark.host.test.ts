import assert from 'node:assert/strict';
import { suiteSetup } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { readyExtension, until } from './extension';

suite('benchmark', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });

  test('measures an engine in a process of its own, and stops when it is told to', async () => {
    const before = api.runtimeProcessId();
    const finished = vscode.commands.executeCommand('mambaComplete.runBenchmark');
    await until(() => api.benchmark().rows.length > 0, 240_000, 'one engine is measured');
    assert.ok(api.benchmark().isRunning);
    await vscode.commands.executeCommand('mambaComplete.stopBenchmark');
    await finished;
    const { isRunning, rows } = api.benchmark();
    assert.ok(!isRunning);
    assert.ok(rows.length < 3, 'it was not stopped');
    const [row] = rows;
    assert.equal(row.problem, undefined);
    assert.ok((row.prefillTokensPerSecond ?? 0) > 0 && (row.decodeTokensPerSecond ?? 0) > 0);
    assert.equal(api.runtimeProcessId(), before, 'the window’s own runtime was touched');
    assert.equal(api.health().state, 'ready');
  }).timeout(300_000);
});

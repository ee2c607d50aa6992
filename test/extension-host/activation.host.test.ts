import assert from 'node:assert/strict';
import { suiteSetup } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { extension, readyExtension, until } from './extension';

interface Manifest {
  contributes: { commands: { command: string }[] };
}

suite('activation', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    await until(() => extension().isActive, 60_000, 'the extension starts by itself');
    api = await readyExtension();
  });

  test('loads the shipped model', () => {
    const health = api.health();
    assert.ok(health.state === 'ready');
    assert.equal(health.model.architecture, 'mamba2');
    assert.ok(health.model.parameters > 70_000_000);
    console.log(`${health.engine.device}, loaded in ${Math.round(health.loadMs)} ms`);
  });

  test('runs the model in a process of its own', () => {
    const runtimeId = api.runtimeProcessId();
    assert.ok(runtimeId !== undefined && runtimeId !== process.pid);
    assert.doesNotThrow(() => process.kill(runtimeId, 0));
  });

  test('registers exactly the commands of the manifest', async () => {
    const { contributes } = extension().packageJSON as Manifest;
    const declared = contributes.commands.map(({ command }) => command).sort();
    const registered = (await vscode.commands.getCommands(true))
      .filter((command) => command.startsWith('mambaComplete.'))
      .sort();
    assert.deepEqual(registered, declared);
  });
});

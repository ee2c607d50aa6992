import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { writeCheckpoint } from '../support/checkpoints';
import { temporaryFolder } from '../support/modelFolder';
import { smallMamba1 } from '../support/randomModel';
import { closeAll, readyExtension, showText, until } from './extension';

const SHIPPED = 'Mamba Complete 1';

suite('models', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await vscode.workspace
      .getConfiguration('mambaComplete')
      .update('modelFolder', undefined, vscode.ConfigurationTarget.Global);
    await closeAll();
  });

  const runs = (name: string) => () => {
    const health = api.health();
    return health.state === 'ready' && health.model.name === name;
  };

  test('adds a checkpoint, switches to it without a reload, answers with it, and removes it', async () => {
    await using folder = await temporaryFolder();
    const source = path.join(folder.path, 'tiny-mamba');
    await writeCheckpoint(source, smallMamba1(), 1, { dialect: 'transformers', dtype: 'BF16' });
    const added = await api.models.addFrom(source, 'int8');
    assert.ok(added !== undefined);
    assert.ok(existsSync(path.join(added, 'manifest.json')));

    await api.models.useFolder(added);
    await until(runs('tiny-mamba'), 60_000, 'the added model is loaded');
    // Random weights say nothing of worth; what counts is that they are asked in their own form and answer.
    const before = api.lastFigures();
    await showText('a = b;\n↓\nc = d;\n', 'javascript');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await until(() => api.lastFigures() !== before, 50_000, 'the added model has answered');

    await api.models.removeFolder(added);
    await until(runs(SHIPPED), 60_000, 'the shipped model is loaded again');
    assert.deepEqual(readdirSync(path.dirname(added)), []);
  }).timeout(180_000);

  test('says why a folder cannot be added, and adds nothing', async () => {
    await using folder = await temporaryFolder();
    await assert.rejects(api.models.addFrom(folder.path, 'int8'), /no weights in it/);
  });
});

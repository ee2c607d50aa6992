import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, readyExtension, showText } from './extension';

const UNFINISHED_ADD =
  'export function subtract(a: number, b: number): number {\n  return a - b;\n}\n\n' +
  'export function add(a: number, b: number): number {\n  return ↓\n}\n';

suite('inline completion', () => {
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await readyExtension();
  });
  teardown(async () => {
    await setMultiline(undefined);
    await closeAll();
  });

  test('finishes a line of TypeScript', async () => {
    const editor = await showText(UNFINISHED_ADD, 'typescript');
    assert.equal(await acceptSuggestion(editor), 'a + b;');
    assert.equal(editor.document.getText(), UNFINISHED_ADD.replace('↓', 'a + b;'));
  });

  test('tells what the completion cost', async () => {
    await acceptSuggestion(await showText(UNFINISHED_ADD, 'typescript'));
    const figures = api.lastFigures();
    assert.ok(figures !== undefined && figures.promptTokens > 0 && figures.generatedTokens > 0);
  });

  test('completes Python', async () => {
    const editor = await showText('def area(width, height):\n    return ↓\n', 'python');
    assert.match((await acceptSuggestion(editor)) ?? '', /^width \* height/);
  });

  test('keeps the line ends of a CRLF document', async () => {
    await setMultiline('always');
    const crlf = UNFINISHED_ADD.replace('  return ↓\n}\n', '↓').replaceAll('\n', '\r\n');
    const editor = await showText(crlf, 'typescript');
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    const inserted = (await acceptSuggestion(editor)) ?? '';
    assert.match(inserted, /a \+ b/);
    assert.match(inserted, /\r\n/);
    assert.doesNotMatch(editor.document.getText(), /[^\r]\n/);
  });

  test('does not repeat what stands after the cursor', async () => {
    const editor = await showText('const sum = [1, 2, 3].reduce((a, b) => a ↓);\n', 'typescript');
    assert.ok(await acceptSuggestion(editor));
    assert.doesNotMatch(editor.document.getText(), /\);\s*\);/);
  });
});

async function setMultiline(value: string | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('mambaComplete')
    .update('multiline', value, vscode.ConfigurationTarget.Global);
}

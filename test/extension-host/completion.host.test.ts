import assert from 'node:assert/strict';
import { suiteSetup, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { acceptSuggestion, closeAll, readyExtension, showText } from './extension';

/** The line above tells all: the model is sure of these. */
const UNFINISHED_DISTANCE =
  'interface Point {\n  x: number;\n  y: number;\n}\n\n' +
  'export function distance(a: Point, b: Point): number {\n' +
  '  const dx = a.x - b.x;\n  const dy = ↓\n  return Math.sqrt(dx * dx + dy * dy);\n}\n';

const UNFINISHED_RECTANGLE =
  'class Rectangle:\n    def __init__(self, width, height):\n' +
  '        self.width = width\n        self.height = ↓\n';

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
    const editor = await showText(UNFINISHED_DISTANCE, 'typescript');
    assert.equal(await acceptSuggestion(editor), 'a.y - b.y;');
    assert.equal(editor.document.getText(), UNFINISHED_DISTANCE.replace('↓', 'a.y - b.y;'));
  });

  test('tells what the completion cost', async () => {
    await acceptSuggestion(await showText(UNFINISHED_DISTANCE, 'typescript'));
    const figures = api.lastFigures();
    assert.ok(figures !== undefined && figures.promptTokens > 0 && figures.generatedTokens > 0);
  });

  test('completes Python', async () => {
    const editor = await showText(UNFINISHED_RECTANGLE, 'python');
    assert.equal(await acceptSuggestion(editor), 'height');
  });

  test('keeps the line ends of a CRLF document', async () => {
    await setMultiline('always');
    const upToBody = UNFINISHED_DISTANCE.slice(0, UNFINISHED_DISTANCE.indexOf('  const dy'));
    const crlf = `${upToBody}  ↓`.replaceAll('\n', '\r\n');
    const editor = await showText(crlf, 'typescript');
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    const inserted = (await acceptSuggestion(editor)) ?? '';
    assert.match(inserted, /^const dy = a\.y - b\.y;\r\n/);
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

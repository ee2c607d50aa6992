import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';

export const EXTENSION_ID = 'mamba-complete.mamba-complete';

/** Generous: two cores may be shared with a build. */
const READY_TIMEOUT_MS = 60_000;
const SUGGESTION_TIMEOUT_MS = 50_000;

export function extension(): vscode.Extension<ExtensionApi> {
  const found = vscode.extensions.getExtension<ExtensionApi>(EXTENSION_ID);
  assert.ok(found, `${EXTENSION_ID} is not installed`);
  return found;
}

/** The active extension's own view of itself, its runtime ready. */
export async function readyExtension(): Promise<ExtensionApi> {
  const api = await extension().activate();
  await until(() => api.health().state === 'ready', READY_TIMEOUT_MS, 'the runtime is ready');
  return api;
}

/** Polls until `condition` holds; rejects with `what` when it does not in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs / 1000} s: ${what}`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Shows an unsaved document with the cursor at the mark `↓`.
 * Line ends are as given: the first one decides for VS Code.
 */
export async function showText(marked: string, language: string): Promise<vscode.TextEditor> {
  const offset = marked.indexOf('↓');
  assert.ok(offset >= 0, 'no cursor mark');
  return showTextAt(marked.replace('↓', ''), offset, language);
}

/** Shows an unsaved document with the cursor at a character offset. */
export async function showTextAt(
  content: string,
  offset: number,
  language: string,
): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  const editor = await vscode.window.showTextDocument(document);
  const position = document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
  return editor;
}

/**
 * Asks for a suggestion at the cursor and accepts it.
 * @returns what was inserted, or undefined when none came in time.
 */
export async function acceptSuggestion(
  editor: vscode.TextEditor,
  timeoutMs = SUGGESTION_TIMEOUT_MS,
): Promise<string | undefined> {
  const { document } = editor;
  const before = document.getText();
  const offset = document.offsetAt(editor.selection.active);
  const deadline = Date.now() + timeoutMs;
  let nextAskAt = Date.now();
  for (let askAgainMs = 5000; Date.now() < deadline;) {
    // Asking again cancels the request under way: more and more seldom, for a slow machine.
    if (Date.now() >= nextAskAt) {
      nextAskAt += askAgainMs;
      askAgainMs *= 2;
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    }
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    const after = document.getText();
    if (after !== before) return after.slice(offset, offset + after.length - before.length);
    await pause(100);
  }
  return undefined;
}

/** Closes every editor without asking whether to save. */
export async function closeAll(): Promise<void> {
  while (vscode.window.activeTextEditor !== undefined) {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}

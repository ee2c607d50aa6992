import * as vscode from 'vscode';
import { buildRequestContext } from '../completion/requestContext';
import { isDocumentAllowed } from '../completion/requestDecision';
import type { CompletionSession } from '../completion/completionSession';
import { clampPosition } from '../completion/textSource';
import { Disposable, toDisposable } from '../common/disposable';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { isCompletable, pathForModel, toTextSource } from './documentText';
import type { SettingsStore } from './settingsStore';

/** Long enough that flicking through tabs warms nothing. */
const WARM_DELAY_MS = 250;
/** Shorter moves reuse the states that are there. */
const FAR_MOVE_LINES = 20;

/** Has the runtime read the document in view before the user types, and frees documents that are closed. */
export class DocumentWarming extends Disposable {
  private timer: NodeJS.Timeout | undefined;
  private running: AbortController | undefined;
  private last: { uri: string; line: number } | undefined;

  constructor(
    private readonly runtime: RuntimeClient,
    session: CompletionSession,
    private readonly settings: SettingsStore,
    private readonly logger: Logger,
  ) {
    super();
    this.register(
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.schedule();
      }),
    );
    this.register(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        // Typing moves the cursor too, and asks for completions itself.
        if (kind !== undefined && this.isFarMove(textEditor)) this.schedule();
      }),
    );
    this.register(
      runtime.onHealthChange(({ state }) => {
        // A new process has no states.
        this.last = undefined;
        if (state === 'ready') this.schedule();
      }),
    );
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        const uri = document.uri.toString();
        session.closeDocument(uri);
        runtime.closeDocument(uri);
      }),
    );
    this.register(
      toDisposable(() => {
        clearTimeout(this.timer);
        this.running?.abort();
      }),
    );
  }

  private isFarMove(editor: vscode.TextEditor): boolean {
    if (editor !== vscode.window.activeTextEditor) return false;
    if (editor.document.uri.toString() !== this.last?.uri) return true;
    return Math.abs(editor.selection.active.line - this.last.line) > FAR_MOVE_LINES;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.warm();
    }, WARM_DELAY_MS);
  }

  private async warm(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || this.runtime.health.state !== 'ready') return;
    const { document } = editor;
    const settings = this.settings.read(document);
    const source = toTextSource(document);
    const path = pathForModel(document);
    if (!isCompletable(document) || isDocumentAllowed(source, path, settings) !== undefined) return;
    try {
      const position = clampPosition(source, editor.selection.active);
      this.last = { uri: source.uri, line: position.line };
      const { contextCharacters } = settings;
      const context = buildRequestContext({ source, position, path, contextCharacters });
      this.running?.abort();
      this.running = new AbortController();
      const outcome = await this.runtime.warm(context, this.running.signal);
      if (outcome.kind === 'success') {
        this.logger.debug(`warm: ${outcome.prefilledTokens} tokens read`);
      } else this.logger.trace(`warm: ${outcome.kind}`);
    } catch (error) {
      this.logger.error(`warm: ${describeError(error)}`);
    }
  }
}

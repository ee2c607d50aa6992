import * as vscode from 'vscode';
import { withProgress } from './cancellableProgress';
import { Disposable } from '../common/disposable';
import { errorText } from '../common/errorText';
import type { GenerationPlace } from '../generation/generationPlace';
import { bodyPlace, finishedText, placeAtCursor, placeBelow } from '../generation/generationPlace';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { toTextSource } from './documentText';
import type { GenerationPreview } from './generationPreview';
import { requireRuntime } from './runtimeGuard';
import type { SettingsStore } from './settingsStore';
import { StreamingEdit } from './streamingEdit';
import type { GenerationOutcome, TextGeneration } from './textGeneration';

/** Set while text is generated, for the Escape key. */
const CONTEXT_KEY = 'mambaComplete.isGenerating';

export interface GenerateServices {
  generation: TextGeneration;
  preview: GenerationPreview;
  runtime: RuntimeClient;
  settings: SettingsStore;
}

/** The commands that write text: at the cursor, as a function's body, and below a comment with a preview. One runs at a time. */
export class GenerateCommands extends Disposable {
  private running: AbortController | undefined;

  constructor(private readonly services: GenerateServices) {
    super();
  }

  stop(): void {
    this.running?.abort();
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }

  async atCursor(): Promise<void> {
    const editor = await this.usableEditor();
    if (editor !== undefined) await this.stream(editor, placeAtCursor(editor.selection.active));
  }

  async functionBody(): Promise<void> {
    const editor = await this.usableEditor();
    if (editor === undefined) return;
    const { document, selection } = editor;
    const place = bodyPlace(toTextSource(document), selection.active, indentUnit(editor));
    if (place !== undefined) return this.stream(editor, place);
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Put the cursor on the line that opens a function, or on the empty line below it.',
      ),
    );
  }

  /** From the last line of the selection, or the cursor's line; shown as a diff, written when it is accepted. */
  async fromSelection(): Promise<void> {
    const editor = await this.usableEditor();
    if (editor === undefined) return;
    const { document, selection } = editor;
    const source = toTextSource(document);
    const { end } = selection;
    const endsAtStart = !selection.isEmpty && end.character === 0 && end.line > 0;
    const line = endsAtStart ? end.line - 1 : end.line;
    if (source.lineAt(line).trim() === '') {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Select a comment or a signature, or put the cursor on one.'),
      );
      return;
    }
    const place = placeBelow(source, line, indentUnit(editor));
    const { version } = document;
    const outcome = await this.withProgress((signal, report) =>
      this.services.generation.generate(document, place, signal, { onPartial: report }),
    );
    const text = this.usableText(outcome);
    if (text === undefined || document.version !== version) return;
    await this.services.preview.show(document, place, finishedText(source, place, text));
  }

  private async stream(editor: vscode.TextEditor, place: GenerationPlace): Promise<void> {
    const { document } = editor;
    const source = toTextSource(document);
    // As it is now: while text is written, lines move.
    const finish = (text: string) => finishedText(before, place, text);
    const firstLine = source.lineAt(place.position.line);
    const before = { ...source, lineAt: () => firstLine };
    await this.withProgress(async (signal, report) => {
      const edit = new StreamingEdit(editor, place.start, place.position, () => {
        this.stop();
      });
      let latest = '';
      try {
        const outcome = await this.services.generation.generate(document, place, signal, {
          onPartial: (text) => {
            latest = text;
            report(text);
            edit.update(place.leading + text);
          },
        });
        // What was stopped stays as far as it came; undo takes it away in one step.
        const text = this.usableText(outcome) ?? latest;
        if (text.trim() !== '') await edit.finish(finish(text));
      } finally {
        edit.dispose();
      }
    });
  }

  /** A notification with «Cancel»; Escape in the editor does the same. A second command ends the first. */
  private async withProgress<T>(
    task: (signal: AbortSignal, report: (text: string) => void) => Promise<T>,
  ): Promise<T> {
    this.stop();
    const controller = new AbortController();
    this.running = controller;
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, true);
    try {
      const title = vscode.l10n.t('Mamba Complete: generating');
      return await withProgress(title, (canceled, progress) =>
        task(AbortSignal.any([canceled, controller.signal]), (text) => {
          const lines = text.split('\n').length;
          progress.report({ message: vscode.l10n.t('{0} lines. Escape stops it.', lines) });
        }),
      );
    } finally {
      if (this.running === controller) {
        this.running = undefined;
        await vscode.commands.executeCommand('setContext', CONTEXT_KEY, false);
      }
    }
  }

  private usableText(outcome: GenerationOutcome): string | undefined {
    switch (outcome.kind) {
      case 'success':
        return outcome.text;
      case 'empty':
        void vscode.window.showInformationMessage(
          vscode.l10n.t('The model has nothing to add here.'),
        );
        return undefined;
      case 'failed':
        void vscode.window.showErrorMessage(
          vscode.l10n.t('Nothing could be generated. {0}', errorText(outcome.error, vscode.l10n.t)),
        );
        return undefined;
      case 'canceled':
        return undefined;
    }
  }

  /** The active editor when the model can write there now; otherwise a message has said why not. */
  async usableEditor(): Promise<vscode.TextEditor | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Open a file first.'));
      return undefined;
    }
    const { generation, runtime, settings } = this.services;
    if (!(await requireRuntime(runtime, settings))) return undefined;
    const refusal = await generation.refusal(editor.document);
    if (refusal === undefined) return editor;
    void vscode.window.showInformationMessage(refusal);
    return undefined;
  }
}

/** One level of indentation as this editor writes it. */
function indentUnit({ options }: vscode.TextEditor): string {
  if (options.insertSpaces === false) return '\t';
  return ' '.repeat(typeof options.tabSize === 'number' ? options.tabSize : 4);
}

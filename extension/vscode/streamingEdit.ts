import * as vscode from 'vscode';
import type { TextPosition } from '../completion/textSource';
import { positionAfter, replacementBetween } from '../generation/textReplacement';
import { Disposable } from '../common/disposable';

/** A save ends an undo step, and what VS Code does to a document before it saves it can end more. */
const STOPS_OF_SAVE = 4;

/**
 * Writes a growing text into an editor as one undo step. Someone else's change of the document ends it: `onConflict` is called, and
 * nothing more is written. A save in between ends VS Code's undo step, so the text is then written once more at the end, in one.
 */
export class StreamingEdit extends Disposable {
  private written: string;
  private wanted: string;
  private isFirst = true;
  private isApplying = false;
  private isBroken = false;
  private pumping: Promise<void> | undefined;
  private saves = 0;
  /** What the document is known by before anything is written. */
  private readonly before: { original: string; line: string; lineCount: number };

  /** The text replaces what stands between `start` and `end`. */
  constructor(
    private readonly editor: vscode.TextEditor,
    private readonly start: TextPosition,
    end: TextPosition,
    private readonly onConflict: () => void,
  ) {
    super();
    const { document } = editor;
    this.written = document.getText(toRange(start, end)).replace(/\r\n/g, '\n');
    this.wanted = this.written;
    const line = document.lineAt(start.line).text;
    this.before = { original: this.written, line, lineCount: document.lineCount };
    this.register(
      vscode.workspace.onWillSaveTextDocument((event) => {
        // Also while the first piece is being written: the save may be told before the edit is.
        if (event.document === document) this.saves++;
      }),
    );
    this.register(
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length > 0 && !this.isApplying) {
          this.fail();
        }
      }),
    );
  }

  /** `text` is all there is so far. Its last character waits for `finish`, so that there is something left to end the undo step. */
  update(text: string): void {
    const held = text.slice(0, -1).replace(/[\uD800-\uDBFF]$/, '');
    if (held === '' || this.isBroken) return;
    this.wanted = held;
    this.pumping ??= this.pump(false).finally(() => {
      this.pumping = undefined;
    });
  }

  /** Resolves when the document has the whole text; false when it could not be written. */
  async finish(text: string): Promise<boolean> {
    await this.pumping;
    this.wanted = text;
    await this.pump(true);
    if (this.saves > 0 && !this.isBroken) await this.joinUndoSteps();
    if (this.isBroken) return false;
    const end = toPosition(positionAfter(this.start, text));
    this.editor.selection = new vscode.Selection(end, end);
    this.editor.revealRange(new vscode.Range(end, end));
    return true;
  }

  private async pump(isLast: boolean): Promise<void> {
    for (;;) {
      const { wanted } = this;
      const replacement = replacementBetween(this.start, this.written, wanted);
      if (replacement === undefined || this.isBroken) return;
      const range = toRange(replacement.start, replacement.end);
      this.isApplying = true;
      const options = { undoStopBefore: this.isFirst, undoStopAfter: isLast };
      const isDone = await this.apply(range, replacement.text, options);
      this.isApplying = false;
      if (!isDone) {
        this.fail();
        return;
      }
      this.isFirst = false;
      this.written = wanted;
      this.editor.revealRange(new vscode.Range(range.end, range.end));
    }
  }

  /**
   * Takes back what was written, step by step, and writes it in one. VS Code undoes in the active editor only: in another one the
   * steps stay as they are.
   */
  private async joinUndoSteps(): Promise<void> {
    const { wanted } = this;
    this.isApplying = true;
    try {
      let undone = 0;
      while (undone <= STOPS_OF_SAVE * this.saves && !this.isAsBefore) {
        if (vscode.window.activeTextEditor !== this.editor) break;
        await vscode.commands.executeCommand('undo');
        undone++;
      }
      if (!this.isAsBefore) {
        for (; undone > 0; undone--) await vscode.commands.executeCommand('redo');
        return;
      }
    } finally {
      this.isApplying = false;
    }
    this.written = this.before.original;
    this.wanted = wanted;
    this.isFirst = true;
    await this.pump(true);
  }

  private get isAsBefore(): boolean {
    const { line, lineCount } = this.before;
    const { document } = this.editor;
    return document.lineCount === lineCount && document.lineAt(this.start.line).text === line;
  }

  /** False when the document has changed meanwhile or its editor is gone. */
  private async apply(
    range: vscode.Range,
    text: string,
    options: { undoStopBefore: boolean; undoStopAfter: boolean },
  ): Promise<boolean> {
    try {
      return await this.editor.edit((builder) => {
        builder.replace(range, text);
      }, options);
    } catch {
      // The editor was closed: there is nothing left to write into.
      return false;
    }
  }

  private fail(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.onConflict();
  }
}

function toPosition({ line, character }: TextPosition): vscode.Position {
  return new vscode.Position(line, character);
}

function toRange(start: TextPosition, end: TextPosition): vscode.Range {
  return new vscode.Range(toPosition(start), toPosition(end));
}

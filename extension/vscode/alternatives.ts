import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { errorText } from '../common/errorText';
import {
  alternativesPlace,
  alternativeTexts,
  type AlternativeText,
} from '../generation/alternativeTexts';
import { placeAtCursor } from '../generation/generationPlace';
import { toTextSource } from './documentText';
import type { TextGeneration } from './textGeneration';

/** Beside the likeliest text. All are written together: more of them cost hardly more time. */
const MOST_OTHERS = 3;
const MOST_TOKENS = 48;
const MOST_LINES = 4;

interface AlternativeItem extends vscode.QuickPickItem {
  alternative: AlternativeText;
}

/** A list of several suggestions for the cursor, each previewed in the editor while it is selected. */
export class Alternatives extends Disposable {
  private readonly ghost = this.register(
    vscode.window.createTextEditorDecorationType({
      after: { color: new vscode.ThemeColor('editorGhostText.foreground'), fontStyle: 'italic' },
    }),
  );

  constructor(private readonly generation: TextGeneration) {
    super();
  }

  /** Resolves when the list is closed; the chosen text is then in the document. */
  async show(editor: vscode.TextEditor): Promise<void> {
    const { document } = editor;
    const position = editor.selection.active;
    const { version } = document;
    const controller = new AbortController();
    const pick = vscode.window.createQuickPick<AlternativeItem>();
    pick.title = vscode.l10n.t('Alternatives at the Cursor');
    pick.placeholder = vscode.l10n.t('Choose the text to insert');
    pick.busy = true;
    const chosen = new Promise<AlternativeItem | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        // There is nothing to choose yet.
        if (item === undefined) return;
        resolve(item);
        pick.hide();
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
    });
    pick.onDidChangeActive(([item]) => {
      this.preview(editor, position, item?.alternative.insertText);
    });
    pick.show();
    try {
      const [item] = await Promise.all([
        chosen.finally(() => {
          controller.abort();
        }),
        this.fill(pick, document, position, controller.signal),
      ]);
      if (item !== undefined && document.version === version) {
        const { insertText, replacedAfter } = item.alternative;
        const range = new vscode.Range(position, position.translate(0, replacedAfter));
        await editor.edit((builder) => {
          builder.replace(range, insertText);
        });
      }
    } finally {
      editor.setDecorations(this.ghost, []);
      pick.dispose();
    }
  }

  private async fill(
    pick: vscode.QuickPick<AlternativeItem>,
    document: vscode.TextDocument,
    position: vscode.Position,
    signal: AbortSignal,
  ): Promise<void> {
    const place = alternativesPlace(toTextSource(document), position, MOST_LINES);
    const outcome = await this.generation.generate(document, placeAtCursor(position), signal, {
      // Their beginnings tell the texts apart; nothing has to be drawn.
      temperature: 0,
      maxTokens: MOST_TOKENS,
      maxLines: MOST_LINES,
      alternatives: MOST_OTHERS,
    });
    if (signal.aborted) return;
    pick.busy = false;
    if (outcome.kind === 'failed') {
      pick.placeholder = errorText(outcome.error, vscode.l10n.t);
      return;
    }
    const said = outcome.kind === 'success' ? [outcome, ...(outcome.alternatives ?? [])] : [];
    pick.items = alternativeTexts(said, place).map(toItem);
    if (pick.items.length === 0) {
      pick.placeholder = vscode.l10n.t('The model has nothing to add here.');
    }
  }

  /** The first line; a decoration has no more. The list shows the others. */
  private preview(
    editor: vscode.TextEditor,
    position: vscode.Position,
    text: string | undefined,
  ): void {
    const contentText = text === undefined ? '' : (text.split(/\r?\n/, 1)[0] ?? '');
    const range = new vscode.Range(position, position);
    const decoration = { range, renderOptions: { after: { contentText } } };
    editor.setDecorations(this.ghost, text === undefined ? [] : [decoration]);
  }
}

function toItem(alternative: AlternativeText): AlternativeItem {
  const [first = '', ...rest] = alternative.insertText.split(/\r?\n/);
  const percent = Math.round(Math.exp(alternative.meanLogProbability) * 100);
  const others = rest.map((line) => line.trim()).filter((line) => line !== '');
  return {
    alternative,
    label: first.trim() === '' ? (others[0] ?? '') : first,
    description: vscode.l10n.t('{0} % per token', percent),
    ...(others.length > 0 ? { detail: others.join(' ⏎ ') } : {}),
    alwaysShow: true,
  };
}

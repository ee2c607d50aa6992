import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { errorText } from '../common/errorText';
import { placeAtCursor } from '../generation/generationPlace';
import type { TextGeneration } from './textGeneration';

/** The likeliest text first, then drawn ones. */
const TEMPERATURES = [0, 0.6, 0.9, 1.1];
const MOST_TOKENS = 48;
const MOST_LINES = 4;

interface AlternativeItem extends vscode.QuickPickItem {
  text: string;
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
        resolve(pick.selectedItems[0]);
        pick.hide();
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
    });
    pick.onDidChangeActive(([item]) => {
      this.preview(editor, position, item?.text);
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
        await editor.edit((builder) => {
          builder.insert(position, item.text);
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
    const place = placeAtCursor(position);
    for (const temperature of TEMPERATURES) {
      const options = { temperature, maxTokens: MOST_TOKENS, maxLines: MOST_LINES };
      const outcome = await this.generation.generate(document, place, signal, options);
      if (signal.aborted) return;
      if (outcome.kind === 'failed') {
        pick.placeholder = errorText(outcome.error, vscode.l10n.t);
        break;
      }
      if (outcome.kind !== 'success') continue;
      const text = outcome.text.trimEnd();
      if (text.trim() === '' || pick.items.some((item) => item.text === text)) continue;
      pick.items = [...pick.items, toItem(text, outcome.meanLogProbability)];
    }
    pick.busy = false;
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
    const contentText = text === undefined ? '' : (text.split('\n', 1)[0] ?? '');
    const range = new vscode.Range(position, position);
    const decoration = { range, renderOptions: { after: { contentText } } };
    editor.setDecorations(this.ghost, text === undefined ? [] : [decoration]);
  }
}

function toItem(text: string, meanLogProbability: number): AlternativeItem {
  const [first = '', ...rest] = text.split('\n');
  const percent = Math.round(Math.exp(meanLogProbability) * 100);
  const others = rest.map((line) => line.trim()).filter((line) => line !== '');
  return {
    text,
    label: first.trim() === '' ? (others[0] ?? '') : first,
    description: vscode.l10n.t('{0} % per token', percent),
    ...(others.length > 0 ? { detail: others.join(' ⏎ ') } : {}),
    alwaysShow: true,
  };
}

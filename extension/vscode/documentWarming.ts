import * as vscode from 'vscode';
import type { LineRange } from '../../model-runtime/protocol/messages';
import { clampPosition } from '../completion/textSource';
import type { PlaceToWarm, TrackedCompletion } from '../completion/trackedCompletion';
import { Disposable, toDisposable } from '../common/disposable';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import { notebookAround } from './notebookText';
import type { PowerState } from './powerState';
import { isReadable } from './readableDocument';
import type { RelatedDocuments } from './relatedDocuments';
import type { SettingsStore } from './settingsStore';

/** Long enough that flicking through tabs warms nothing. */
const WARM_DELAY_MS = 250;
/** Shorter moves reuse the states that are there. */
const FAR_MOVE_LINES = 20;

/** After this long without scrolling, what the user sees is read. */
const SCROLL_DELAY_MS = 600;
/** After this long without a change, what a short context left out is read, and a region that has grown is moved. */
const IDLE_DELAY_MS = 1000;

/** Has the runtime read the documents in view before the user types, and again when typing rests. */
export class DocumentWarming extends Disposable {
  private timer: NodeJS.Timeout | undefined;
  private scrollTimer: NodeJS.Timeout | undefined;
  private running: AbortController | undefined;
  private last: { uri: string; line: number } | undefined;

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly tracked: TrackedCompletion,
    private readonly settings: SettingsStore,
    private readonly guards: {
      excluded: ExcludedFiles;
      power: PowerState;
      related: RelatedDocuments;
    },
    private readonly logger: Logger,
  ) {
    super();
    this.register(
      vscode.window.onDidChangeActiveTextEditor(() => {
        // Nobody flicks through tabs before the first document, and the first key may come soon.
        if (this.last === undefined) this.schedule(0, false);
        else this.schedule();
      }),
    );
    this.register(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        // Typing moves the cursor too, and asks for completions itself.
        if (kind !== undefined && this.isFarMove(textEditor)) this.schedule();
      }),
    );
    this.register(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        if (!this.editorsToWarm().includes(textEditor)) return;
        this.scheduleView();
      }),
    );
    this.register(
      runtime.onHealthChange(({ state }) => {
        // A new process has no states.
        this.last = undefined;
        // What is in view can wait: the window may be starting too.
        if (state === 'ready') this.schedule(0, false);
      }),
    );
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document !== vscode.window.activeTextEditor?.document) return;
        // It scrolls while somebody types, who needs what is at the cursor.
        clearTimeout(this.scrollTimer);
        this.schedule(IDLE_DELAY_MS, false);
      }),
    );
    this.register(
      guards.related.onFound((document) => {
        if (document === vscode.window.activeTextEditor?.document) this.schedule(IDLE_DELAY_MS);
      }),
    );
    this.register(
      toDisposable(() => {
        clearTimeout(this.timer);
        clearTimeout(this.scrollTimer);
        this.running?.abort();
      }),
    );
  }

  private isFarMove(editor: vscode.TextEditor): boolean {
    if (editor !== vscode.window.activeTextEditor) return false;
    if (editor.document.uri.toString() !== this.last?.uri) return true;
    return Math.abs(editor.selection.active.line - this.last.line) > FAR_MOVE_LINES;
  }

  private schedule(delayMs = WARM_DELAY_MS, withView = true): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.warmAll(withView), delayMs);
  }

  /** Does not end what is being read at the cursor: that is needed sooner. */
  private scheduleView(): void {
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => {
      if (this.running) this.scheduleView();
      else void this.warmAll(true);
    }, SCROLL_DELAY_MS);
  }

  /** The active editor first, then the other visible ones; what comes between ends it. */
  private async warmAll(withView: boolean): Promise<void> {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    try {
      const places: PlaceToWarm[] = [];
      for (const editor of this.editorsToWarm()) {
        const place = await this.placeIn(editor, running.signal);
        if (running.signal.aborted) return;
        if (place) places.push(withView ? place : { ...place, view: undefined });
      }
      for (const outcome of await this.tracked.warmAll(places, running.signal)) {
        if (outcome.kind === 'success') {
          this.logger.debug(`warm: ${outcome.prefilledTokens} tokens read`);
        } else this.logger.trace(`warm: ${outcome.kind}`);
      }
    } catch (error) {
      this.logger.error(`warm: ${describeError(error)}`);
    } finally {
      if (this.running === running) this.running = undefined;
    }
  }

  /** One for each document: in the runtime the newest request of a document wins. */
  private editorsToWarm(): vscode.TextEditor[] {
    const { activeTextEditor: active, visibleTextEditors } = vscode.window;
    const others = visibleTextEditors.filter(
      (editor) => editor !== active && this.settings.read(editor.document).prewarm === 'visible',
    );
    const all = active ? [active, ...others] : others;
    return all.filter(
      ({ document }, i) => all.findIndex((other) => other.document === document) === i,
    );
  }

  /** Where the cursor is and what is in view, if that is to be read ahead. */
  private async placeIn(
    editor: vscode.TextEditor,
    signal: AbortSignal,
  ): Promise<PlaceToWarm | undefined> {
    if (this.runtime.health.state !== 'ready') return undefined;
    const { document } = editor;
    const settings = this.settings.read(document);
    if (settings.prewarm === 'off') return undefined;
    if (settings.onBattery !== 'all' && this.guards.power.onBattery) return undefined;
    if (!(await isReadable(document, settings, this.guards.excluded))) return undefined;
    // Not those of documents beside it: they would be read again whenever typing rests.
    if (editor === vscode.window.activeTextEditor) {
      await this.guards.related.update(document, settings, signal);
    }
    const source = toTextSource(document);
    const position = clampPosition(source, editor.selection.active);
    if (editor === vscode.window.activeTextEditor) {
      this.last = { uri: source.uri, line: position.line };
    }
    const { contextCharacters } = settings;
    const around = notebookAround(document) ?? { source, firstLine: 0 };
    const { line, character } = position;
    return {
      source: around.source,
      path: pathForModel(document),
      position: { line: line + around.firstLine, character },
      contextCharacters,
      view: linesInView(editor, around.firstLine),
    };
  }
}

/** From the first line to the last, those that are folded included. */
function linesInView(
  { visibleRanges }: vscode.TextEditor,
  firstLine: number,
): LineRange | undefined {
  const first = visibleRanges[0];
  const last = visibleRanges.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { firstLine: first.start.line + firstLine, lastLine: last.end.line + firstLine };
}

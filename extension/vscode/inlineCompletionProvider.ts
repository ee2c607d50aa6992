import * as vscode from 'vscode';
import type {
  CompletionQuery,
  CompletionResult,
  CompletionSession,
} from '../completion/completionSession';
import type { KeyTimes } from '../completion/keyTimes';
import type { SuggestionRecord } from '../completion/suggestionReport';
import type { PendingInsertion } from '../completion/localContext';
import { bridgeCancellation } from '../common/cancellation';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import { isCompletable, pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import { notebookAround } from './notebookText';
import { settingsOnBattery } from '../settings/onBattery';
import type { Settings } from '../settings/table';
import type { PowerState } from './powerState';
import type { SettingsStore } from './settingsStore';

export interface ProviderOptions {
  keys: KeyTimes;
  /** Whether ghost text has to wait at this place: suggestions are put off, or text is being written there by command. */
  isPaused(document: vscode.TextDocument, isExplicit: boolean): boolean;
  onResult(record: SuggestionRecord): void;
}

/** Runs when a suggestion was accepted whole. Not a command for people, so not in the table. */
export const ACCEPTED_COMMAND = '_mambaComplete.noteAcceptance';

/** Ghost text for every document. Whatever goes wrong is written to the log and shows as no suggestion. */
export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider {
  constructor(
    private readonly session: CompletionSession,
    private readonly settings: SettingsStore,
    private readonly guards: { excluded: ExcludedFiles; power: PowerState },
    private readonly logger: Logger,
    private readonly options: ProviderOptions,
  ) {}

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const isExplicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    if (!isCompletable(document) || this.options.isPaused(document, isExplicit)) return [];
    const startMs = performance.now();
    const cancellation = bridgeCancellation(token);
    try {
      const surroundings = notebookAround(document);
      const documentId = surroundings?.source.uri ?? document.uri.toString();
      const keyMs = isExplicit ? undefined : this.options.keys.take(documentId);
      const pending = pendingInsertion(context);
      const isExcluded = await this.guards.excluded.has(document);
      if (token.isCancellationRequested) return [];
      const query: CompletionQuery = {
        source: toTextSource(document),
        position,
        path: pathForModel(document),
        isExplicit,
        isExcluded,
        settings: this.settingsFor(document),
        pending,
        surroundings,
      };
      const result = await this.session.suggest(query, cancellation.signal);
      this.log(result);
      this.options.onResult({
        documentId,
        line: position.line,
        character: position.character,
        isExplicit,
        result,
        elapsedMs: performance.now() - startMs,
        sinceKeyMs: keyMs === undefined ? undefined : performance.now() - keyMs,
      });
      if (result.kind !== 'success' || token.isCancellationRequested) return [];
      const start = context.selectedCompletionInfo?.range.start ?? position;
      return [result.suggestion, ...(result.alternatives ?? [])].map((suggestion) => {
        const range = new vscode.Range(start, position.translate(0, suggestion.replacedAfter));
        const text = (pending?.text ?? '') + suggestion.insertText;
        const item = new vscode.InlineCompletionItem(text, range);
        // The only word that VS Code gives of an acceptance.
        item.command = { command: ACCEPTED_COMMAND, title: '' };
        return item;
      });
    } catch (error) {
      this.logger.error(`completion: ${describeError(error)}`);
      return [];
    } finally {
      cancellation.dispose();
    }
  }

  /** On battery only what the user wants there. */
  private settingsFor(document: vscode.TextDocument): Settings {
    const settings = this.settings.read(document);
    // Where it makes no difference nobody asks the system.
    const isOnBattery = settings.onBattery !== 'all' && this.guards.power.onBattery;
    return isOnBattery ? settingsOnBattery(settings) : settings;
  }

  private log(result: CompletionResult): void {
    switch (result.kind) {
      case 'success': {
        const figures = result.figures;
        this.logger.debug(
          figures === undefined
            ? 'completion: remembered'
            : `completion: ${figures.generatedTokens} tokens in ${Math.round(figures.totalMs)} ms, ` +
                `${figures.reusedTokens} of ${figures.promptTokens} prompt tokens reused (${figures.reuse})`,
        );
        break;
      }
      case 'skipped':
        this.logger.trace(`completion: skipped, ${result.reason}`);
        break;
      case 'failed':
        this.logger.warn(`completion: ${result.error.code}: ${result.error.message}`);
        break;
      case 'empty':
      case 'canceled':
        this.logger.trace(`completion: ${result.kind}`);
    }
  }
}

/** The entry selected in the suggestion list: an inline completion has to go on from it. */
function pendingInsertion(context: vscode.InlineCompletionContext): PendingInsertion | undefined {
  const selected = context.selectedCompletionInfo;
  return selected === undefined ? undefined : { start: selected.range.start, text: selected.text };
}

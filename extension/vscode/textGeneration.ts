import * as vscode from 'vscode';
import { isDocumentAllowed } from '../completion/requestDecision';
import type { TrackedCompletion } from '../completion/trackedCompletion';
import type { GenerationPlace } from '../generation/generationPlace';
import type { CompletionOutcome, PartialListener } from '../runtime-client/runtimeClient';
import { isCompletable, pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';
import { notebookAround } from './notebookText';
import type { SettingsStore } from './settingsStore';

export type GenerationOutcome = Exclude<CompletionOutcome, { kind: 'resync' }>;

interface GenerationOptions {
  temperature?: number;
  maxTokens?: number;
  maxLines?: number;
  /** Other texts that are wanted beside the likeliest one. */
  alternatives?: number;
  onPartial?: PartialListener;
}

/** About a screenful; the user can stop it and ask for more. */
const MOST_TOKENS = 400;
const MOST_LINES = 60;

/** Asks the model for text by command: more of it than ghost text, from the whole context. */
export class TextGeneration {
  /** Documents that are written into now: no ghost text is asked for there. */
  private readonly busy = new Set<string>();

  constructor(
    private readonly tracked: TrackedCompletion,
    private readonly settings: SettingsStore,
    private readonly excluded: ExcludedFiles,
  ) {}

  isBusy(document: vscode.TextDocument): boolean {
    return this.busy.has(document.uri.toString());
  }

  /** Why the model may not read this document; `undefined` when it may. A language that is switched off only has no ghost text. */
  async refusal(document: vscode.TextDocument): Promise<string | undefined> {
    if (!isCompletable(document)) return vscode.l10n.t('This is not a document to write into.');
    const { enable } = this.settings.read(document);
    const permission = { enable, languages: {} };
    const reason = isDocumentAllowed(toTextSource(document), pathForModel(document), permission);
    if (reason === 'secretFile') {
      return vscode.l10n.t('Files like this one may hold secrets and are never read.');
    }
    return (await this.excluded.has(document))
      ? vscode.l10n.t(
          'Your settings or a .gitignore exclude this file: it is not read (mambaComplete.exclude, mambaComplete.useIgnoreFiles).',
        )
      : undefined;
  }

  async generate(
    document: vscode.TextDocument,
    place: GenerationPlace,
    signal: AbortSignal,
    options: GenerationOptions = {},
  ): Promise<GenerationOutcome> {
    const key = document.uri.toString();
    const settings = this.settings.read(document);
    const around = notebookAround(document) ?? { source: toTextSource(document), firstLine: 0 };
    const shift = ({ line, character }: GenerationPlace['start']) => ({
      line: line + around.firstLine,
      character,
    });
    const { onPartial } = options;
    this.busy.add(key);
    try {
      return await this.tracked.complete(
        {
          source: around.source,
          path: pathForModel(document),
          position: shift(place.position),
          contextCharacters: settings.contextCharacters,
        },
        {
          shape: place.shape,
          insertion:
            place.leading === '' ? undefined : { start: shift(place.start), text: place.leading },
          maxReadTokens: Number.MAX_SAFE_INTEGER,
          maxTokens: options.maxTokens ?? MOST_TOKENS,
          maxLines: options.maxLines ?? MOST_LINES,
          temperature: options.temperature ?? settings.temperature,
          topP: settings.topP,
          alternatives: options.alternatives,
          streams: onPartial !== undefined,
        },
        signal,
        onPartial,
      );
    } finally {
      this.busy.delete(key);
    }
  }
}

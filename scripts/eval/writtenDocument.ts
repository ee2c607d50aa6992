import { setImmediate as nextTurn } from 'node:timers/promises';
import { CompletionSession } from '../../extension/completion/completionSession';
import { DocumentMirror, type VersionedSource } from '../../extension/completion/documentMirror';
import { modelPath } from '../../extension/completion/modelPath';
import type { Suggestion } from '../../extension/completion/postProcessing';
import { TrackedCompletion } from '../../extension/completion/trackedCompletion';
import { SuggestionMemory } from '../../extension/completion/typingAsSuggested';
import type { Settings } from '../../extension/settings/table';
import { scriptLogger } from '../startRuntime';
import type { Channel } from './runTasks';
import type { Writer } from './typing';

export interface WrittenDocumentOptions {
  path: string;
  language: string;
  /** LF only, on both sides of the cursor. */
  before: string;
  after: string;
  settings: Settings;
}

/** A document that is written at its cursor, with changes sent and suggestions made as in the editor, but without waiting for pauses. */
export class WrittenDocument implements Writer {
  private readonly lines: string[];
  private version = 1;
  private position: { line: number; character: number };
  private readonly source: VersionedSource;
  private readonly mirror: DocumentMirror;
  private readonly session: CompletionSession;

  constructor(
    private readonly options: WrittenDocumentOptions,
    channel: Channel,
  ) {
    const { before, after, language, path } = options;
    const above = before.split('\n');
    this.lines = (before + after).split('\n');
    this.position = { line: above.length - 1, character: above.at(-1)?.length ?? 0 };
    this.source = this.sourceFor(`typing:${path}`, language);
    this.mirror = new DocumentMirror({
      send: (message) => {
        channel.notify(message);
      },
      nextTurn,
    });
    const tracked = new TrackedCompletion(channel, this.mirror, scriptLogger(false));
    this.session = new CompletionSession(tracked, new SuggestionMemory());
  }

  insert(text: string): void {
    if (text === '') return;
    const { line, character } = this.position;
    const old = this.lines[line] ?? '';
    const inserted = (old.slice(0, character) + text).split('\n');
    const last = inserted.at(-1) ?? '';
    this.lines.splice(line, 1, ...inserted.slice(0, -1), last + old.slice(character));
    const at = { line, character };
    this.position = { line: line + inserted.length - 1, character: last.length };
    this.version++;
    this.mirror.change(this.source.uri, this.version, [{ start: at, end: at, text }]);
  }

  /** Throws what the runtime fails with. */
  async suggest(): Promise<Suggestion | undefined> {
    const { path, language, settings } = this.options;
    const result = await this.session.suggest(
      {
        source: this.source,
        position: this.position,
        path: modelPath({ path, isInWorkspace: true, languageId: language, hasOwnExtension: true }),
        isExplicit: false,
        settings: { ...settings, debounceMs: 0 },
      },
      new AbortController().signal,
    );
    if (result.kind === 'failed') throw result.error;
    return result.kind === 'success' ? result.suggestion : undefined;
  }

  close(): void {
    this.mirror.close(this.source.uri);
  }

  private sourceFor(uri: string, languageId: string): VersionedSource {
    const version = () => this.version;
    const lineCount = () => this.lines.length;
    return {
      uri,
      languageId,
      eol: '\n',
      get version() {
        return version();
      },
      get lineCount() {
        return lineCount();
      },
      lineAt: (line) => this.lines[line] ?? '',
    };
  }
}

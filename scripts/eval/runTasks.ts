import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CompletionSession,
  type CompletionQuery,
} from '../../extension/completion/completionSession';
import { DocumentMirror } from '../../extension/completion/documentMirror';
import { modelPath } from '../../extension/completion/modelPath';
import {
  TrackedCompletion,
  type RequestChannel,
} from '../../extension/completion/trackedCompletion';
import { SuggestionMemory } from '../../extension/completion/typingAsSuggested';
import type { DocumentNotification } from '../../extension/runtime-client/runtimeConnection';
import type { Settings } from '../../extension/settings/table';
import { scriptLogger } from '../startRuntime';
import { judge } from './judge';
import { relatedFiles } from './relatedTasks';
import type { Outcome } from './scores';
import { sourceOf } from './taskSource';
import type { Task } from './tasks';

/** Answers requests: a runtime's client, or what was recorded. */
export interface Channel extends RequestChannel {
  notify(message: DocumentNotification): void;
}

/**
 * Asks for each task as the editor does while somebody types there, and judges what would be shown. Throws the failure when the runtime
 * fails. With `relatedFilesTokens` other files of the task's repository are read first, of those that `neighbours` have.
 */
export async function runTasks(
  tasks: readonly Task[],
  channelFor: (index: number) => Channel | undefined,
  settings: Settings,
  /** Names of shape rules that are left out. */
  withoutRules: ReadonlySet<string> = new Set(),
  neighbours: readonly Task[] = [],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, task] of tasks.entries()) {
    const channel = channelFor(index);
    if (!channel) throw new Error(`Nothing answers task ${index}.`);
    const mirror = new DocumentMirror({
      send: (message) => {
        channel.notify(message);
      },
      nextTurn,
    });
    const tracked = new TrackedCompletion(channel, mirror, scriptLogger(false));
    const session = new CompletionSession(tracked, new SuggestionMemory(), withoutRules);
    const query = queryFor(task, index, settings);
    const { signal } = new AbortController();
    const mostTokens = settings.relatedFilesTokens;
    const files = mostTokens === 0 ? [] : relatedFiles(task, neighbours, mostTokens);
    if (files.length > 0) {
      const documentId = query.source.uri;
      channel.notify({ kind: 'relateFiles', documentId, files, mostTokens });
      const { contextCharacters } = settings;
      await tracked.warmAll([{ ...query, contextCharacters }], signal);
    }
    const result = await session.suggest(query, signal);
    if (result.kind === 'failed') throw result.error;
    const suggestion = result.kind === 'success' ? result.suggestion : undefined;
    const figures =
      result.kind === 'success' || result.kind === 'empty' ? result.figures : undefined;
    outcomes.push(judge(task, suggestion, figures?.totalMs));
    mirror.close(query.source.uri);
  }
  return outcomes;
}

/** As while typing, but without waiting for a pause and with the whole context read. */
function queryFor(task: Task, index: number, settings: Settings): CompletionQuery {
  const { prefix, suffix, path, language } = task;
  const before = prefix.split(/\r\n|\r|\n/);
  return {
    source: sourceOf(`task:${index}`, prefix + suffix, language),
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
    path: modelPath({ path, isInWorkspace: true, languageId: language, hasOwnExtension: true }),
    isExplicit: false,
    isPatient: true,
    settings: { ...settings, debounceMs: 0, suggestAhead: false },
  };
}

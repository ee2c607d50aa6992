import * as vscode from 'vscode';
import type { StartedRuntime } from './runtime-client/forkRuntime';
import type { RuntimeHealth } from './runtime-client/health';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DocumentDescription } from '../model-runtime/protocol/messages';
import { DocumentMirror } from './completion/documentMirror';
import { Throughput } from './completion/throughput';
import { Benchmark } from './vscode/benchmark';
import { TrackedCompletion } from './completion/trackedCompletion';
import { CompletionSession } from './completion/completionSession';
import { SuggestionMemory } from './completion/typingAsSuggested';
import { KeyTimes } from './completion/keyTimes';
import { Snooze } from './completion/snooze';
import { Alternatives } from './vscode/alternatives';
import { GenerateCommands } from './vscode/generateCommands';
import { GenerationPreview } from './vscode/generationPreview';
import { SuggestionExplanation } from './vscode/suggestionExplanation';
import { TextGeneration } from './vscode/textGeneration';
import { RequestActivity } from './vscode/activity';
import type { RequestFigures } from './vscode/activity';
import { Commands } from './vscode/commands';
import { DocumentStateView } from './vscode/documentStateView';
import { DocumentTracking } from './vscode/documentTracking';
import { DocumentWarming } from './vscode/documentWarming';
import { ExcludedFiles } from './vscode/excludedFiles';
import { ErrorPresenter } from './vscode/errorPresenter';
import { ACCEPTED_COMMAND, InlineCompletionProvider } from './vscode/inlineCompletionProvider';
import { ModelLibrary } from './models/modelLibrary';
import { LanguageStatus } from './vscode/languageStatus';
import { ModelCommands } from './vscode/modelCommands';
import { PanelHost } from './vscode/panelHost';
import { createImportProcess, createRuntimeClient } from './vscode/runtimeLauncher';
import { RelatedDocuments } from './vscode/relatedDocuments';
import { RuntimeSwitch } from './vscode/runtimeSwitch';
import { ActivationClock } from './vscode/activationClock';
import { PowerState, readSystemPower } from './vscode/powerState';
import { SettingsStore } from './vscode/settingsStore';
import { SnoozeContext } from './vscode/snoozeCommand';
import { StatusBar } from './vscode/statusBar';

/** What `activate` returns, for tests in the real editor. */
export interface ExtensionApi {
  runtimeProcessId(): number | undefined;
  health(): RuntimeHealth;
  /** Resolves when the runtime is ready; rejects with its error when it has failed or is stopped. */
  whenReady(): Promise<void>;
  /** What the last request cost that the runtime has answered. */
  lastFigures(): RequestFigures | undefined;
  /** What the runtime holds of a document; absent when it has not been asked for it. */
  describeDocument(uri: vscode.Uri): Promise<DocumentDescription | undefined>;
  /** What the benchmark has measured so far. */
  benchmark(): Benchmark['state'];
  /** Adds, chooses and removes models. */
  readonly models: Pick<ModelCommands, 'addFrom' | 'useFolder' | 'removeFolder'>;
  /** Milliseconds that `activate` held the thread, in all its turns. */
  readonly activationMs: number;
}

let runtimeSwitch: RuntimeSwitch | undefined;

/**
 * Builds the objects and connects them, in several turns, so that the extension host's thread is never held for long. The
 * runtime starts in the background; its process may have been `started` already.
 */
export async function activate(
  context: vscode.ExtensionContext,
  started: StartedRuntime | undefined,
): Promise<ExtensionApi> {
  const clock = new ActivationClock();
  const log = vscode.window.createOutputChannel('Mamba Complete', { log: true });
  const settings = new SettingsStore(log);
  const runtime = createRuntimeClient(context.extensionPath, settings, log, {}, started);
  const memory = new SuggestionMemory();
  const throughput = new Throughput();
  const activity = new RequestActivity(runtime, throughput);
  runtimeSwitch = new RuntimeSwitch(runtime, settings, memory);
  context.subscriptions.push(
    log,
    settings,
    runtime,
    activity,
    runtimeSwitch,
    new ErrorPresenter(runtime, log),
  );

  await clock.nextTurn();
  runtimeSwitch.start();
  // Switched off for this window in some way that the entry did not see.
  if (runtime.processId !== started?.child.pid) started?.child.disconnect();

  await clock.nextTurn();
  const mirror = new DocumentMirror({
    send: (message) => {
      runtime.notify(message);
    },
    nextTurn,
  });
  const tracked = new TrackedCompletion(activity, mirror, log);
  const session = new CompletionSession(tracked, memory);
  const keys = new KeyTimes();
  const snooze = new Snooze();
  const power = new PowerState(readSystemPower, log);
  const excluded = new ExcludedFiles(settings);
  const related = new RelatedDocuments(runtime, settings, excluded);
  const generation = new TextGeneration(tracked, settings, excluded);
  const explanation = new SuggestionExplanation(runtime);
  context.subscriptions.push(
    snooze,
    new SnoozeContext(snooze),
    power,
    excluded,
    related,
    explanation,
    new DocumentTracking(mirror, session, keys),
    new DocumentWarming(runtime, tracked, settings, { excluded, power, related }, log),
    vscode.commands.registerCommand(ACCEPTED_COMMAND, () => {
      throughput.addAcceptance();
    }),
    vscode.languages.registerInlineCompletionItemProvider(
      { pattern: '**' },
      new InlineCompletionProvider(session, settings, { excluded, power }, log, {
        keys,
        isPaused: (document, isExplicit) =>
          generation.isBusy(document) || (!isExplicit && snooze.until !== undefined),
        onResult: (record) => {
          explanation.note(record);
          const { result } = record;
          if (result.kind !== 'success') return;
          const latencyMs = record.sinceKeyMs ?? record.elapsedMs;
          throughput.addSuggestion(latencyMs, result.figures !== undefined);
        },
      }),
    ),
  );

  await clock.nextTurn();
  context.subscriptions.push(
    new StatusBar(runtime, settings, activity, { snooze, power, excluded }),
    new LanguageStatus(settings, snooze),
  );

  await clock.nextTurn();
  const benchmark = new Benchmark({
    settings,
    createClient: (variant) => createRuntimeClient(context.extensionPath, settings, log, variant),
  });
  const preview = new GenerationPreview();
  const generate = new GenerateCommands({ generation, preview, runtime, settings });
  const alternatives = new Alternatives(generation);
  const stateView = new DocumentStateView(runtime);
  const models = new ModelCommands({
    library: new ModelLibrary(join(context.globalStorageUri.fsPath, 'models')),
    imports: createImportProcess(context.extensionPath),
    settings,
    extensionFolder: context.extensionPath,
  });
  const panel = new PanelHost({
    extension: context.extension,
    settings,
    runtime,
    throughput,
    benchmark,
    snooze,
    logger: log,
  });
  context.subscriptions.push(
    panel,
    stateView,
    benchmark,
    preview,
    generate,
    alternatives,
    new Commands({
      settings,
      runtime,
      panel,
      stateView,
      generate,
      preview,
      alternatives,
      explanation,
      snooze,
      benchmark,
      models,
      log,
    }),
  );
  const activationMs = clock.stop();
  log.info(`activate: ${activationMs.toFixed(1)} ms`);
  return {
    runtimeProcessId: () => runtime.processId,
    health: () => runtime.health,
    whenReady: () => runtime.whenReady(),
    lastFigures: () => activity.lastFigures,
    describeDocument: (uri) => runtime.describeDocument(uri.toString()),
    benchmark: () => benchmark.state,
    models,
    activationMs,
  };
}

/** VS Code waits for the runtime's end. */
export async function deactivate(): Promise<void> {
  await runtimeSwitch?.stop();
}

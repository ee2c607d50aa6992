import * as vscode from 'vscode';
import type { CompletionFigures } from '../../model-runtime/protocol/messages';
import type { BenchmarkRow, PanelState } from '../../webview/protocol';
import { withProgress } from './cancellableProgress';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import { decodeSteps } from '../completion/throughput';
import { errorText } from '../common/errorText';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import type { Settings } from '../settings/table';
import { benchmarkText } from './benchmarkText';
import type { SettingsStore } from './settingsStore';

export type EngineVariant = Pick<Settings, 'engine' | 'weights'>;

/** What can be chosen, by the name it has in the results. `reference` is for comparison, not for use. */
const VARIANTS: Readonly<Record<string, EngineVariant>> = {
  'cpu int8': { engine: 'cpu', weights: 'int8' },
  'cpu int4': { engine: 'cpu', weights: 'int4' },
  onnx: { engine: 'onnx', weights: 'int8' },
  webgpu: { engine: 'webgpu', weights: 'int8' },
};

/** Set while it runs, for the command that stops it. */
const CONTEXT_KEY = 'mambaComplete.isBenchmarking';

const ROUNDS = 3;
const MOST_TOKENS = 48;
const DOCUMENT_ID = 'mamba-complete-benchmark:/items.ts';

export interface BenchmarkServices {
  settings: SettingsStore;
  /** A client of its own, with this engine whatever the settings say. */
  createClient(variant: EngineVariant): RuntimeClient;
}

/** Measures the engines one after another, each in a runtime process of its own that ends with it. */
export class Benchmark extends Disposable {
  private readonly changes = this.register(new Emitter<void>());
  private running: AbortController | undefined;
  private rows: BenchmarkRow[] = [];
  private progress = '';

  readonly onChange = this.changes.event;

  constructor(private readonly services: BenchmarkServices) {
    super();
  }

  get state(): PanelState['benchmark'] {
    const { running, progress, rows } = this;
    const { name: fastest } = running === undefined ? (this.fastest ?? {}) : {};
    return { isRunning: running !== undefined, progress, rows, fastest };
  }

  stop(): void {
    this.running?.abort();
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }

  /** Resolves when it has ended or was stopped. A second call while it runs changes nothing. */
  async run(): Promise<void> {
    if (this.running !== undefined) return;
    const controller = new AbortController();
    this.running = controller;
    this.rows = [];
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, true);
    try {
      const title = vscode.l10n.t('Mamba Complete: benchmark');
      await withProgress(title, async (canceled, progress) => {
        const signal = AbortSignal.any([canceled, controller.signal]);
        await this.measureAll(signal, (message) => {
          progress.report({ message });
          this.say(message);
        });
        if (signal.aborted) controller.abort();
      });
    } finally {
      this.running = undefined;
      void vscode.commands.executeCommand('setContext', CONTEXT_KEY, false);
      this.say(
        controller.signal.aborted ? vscode.l10n.t('The benchmark was stopped.') : this.result(),
      );
    }
    // The command is over; the question waits for its answer.
    if (!controller.signal.aborted) void this.offerFastest();
  }

  /** Makes a row's engine the setting; an unknown name changes nothing. */
  async use(name: string): Promise<void> {
    const variant = VARIANTS[name];
    if (variant === undefined) return;
    await this.services.settings.write('engine', variant.engine);
    await this.services.settings.write('weights', variant.weights);
  }

  private async measureAll(signal: AbortSignal, report: (message: string) => void): Promise<void> {
    for (const [name, variant] of Object.entries(VARIANTS)) {
      if (signal.aborted) return;
      report(vscode.l10n.t('{0}: loading', name));
      const client = this.services.createClient(variant);
      try {
        const row = await measure(client, name, signal, (round) => {
          report(vscode.l10n.t('{0}: round {1} of {2}', name, round, ROUNDS));
        });
        if (row !== undefined) this.rows = [...this.rows, row];
      } finally {
        await client.stop();
        client.dispose();
      }
      this.changes.fire();
    }
  }

  /** Only exact weights are proposed: fewer bits are a choice of quality too. */
  private get fastest(): BenchmarkRow | undefined {
    const measured = this.rows.filter(
      (row) => row.problem === undefined && VARIANTS[row.name]?.weights === 'int8',
    );
    return measured.sort((a, b) => decodeSpeed(b) - decodeSpeed(a))[0];
  }

  private result(): string {
    const { fastest } = this;
    if (fastest === undefined) return vscode.l10n.t('The benchmark is done.');
    return vscode.l10n.t(
      'The fastest engine here is {0}: {1} tokens per second.',
      fastest.name,
      decodeSpeed(fastest).toFixed(0),
    );
  }

  private async offerFastest(): Promise<void> {
    const { fastest } = this;
    if (fastest === undefined) return;
    const set = vscode.l10n.t('Use {0}', fastest.name);
    const answer = await vscode.window.showInformationMessage(this.result(), set);
    if (answer === set) await this.use(fastest.name);
  }

  private say(message: string): void {
    this.progress = message;
    this.changes.fire();
  }
}

function decodeSpeed({ decodeTokensPerSecond = 0 }: BenchmarkRow): number {
  return decodeTokensPerSecond;
}

/** `undefined` when it was stopped. The first round is not counted: it compiles and fills caches. */
async function measure(
  client: RuntimeClient,
  name: string,
  signal: AbortSignal,
  onRound: (round: number) => void,
): Promise<BenchmarkRow | undefined> {
  client.start();
  const health = await client.whenSettled(signal);
  if (signal.aborted) return undefined;
  if (health.state !== 'ready') {
    const reason = health.state === 'failed' ? errorText(health.error, vscode.l10n.t) : '';
    return { name, problem: vscode.l10n.t('Not available here. {0}', reason) };
  }
  const text = benchmarkText();
  const lines = text.split('\n');
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const document = { documentId: DOCUMENT_ID, version: 1 };
  const path = 'items.ts';
  client.notify({ kind: 'openDocument', ...document, path, text, isComplete: true });
  const rounds: CompletionFigures[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    onRound(round);
    // Everything is read again.
    client.notify({ kind: 'clearStates' });
    const outcome = await client.complete(
      {
        ...document,
        lineCount: lines.length,
        position,
        contextCharacters: text.length,
        maxReadTokens: Number.MAX_SAFE_INTEGER,
        shape: 'passage',
        maxTokens: MOST_TOKENS,
        maxLines: MOST_TOKENS,
        temperature: 0,
        topP: 1,
      },
      signal,
    );
    if (signal.aborted) return undefined;
    if (outcome.kind === 'failed') {
      return { name, problem: errorText(outcome.error, vscode.l10n.t) };
    }
    if (round > 0 && 'figures' in outcome) rounds.push(outcome.figures);
  }
  return toRow(name, rounds);
}

function toRow(name: string, rounds: readonly CompletionFigures[]): BenchmarkRow {
  const middle = (valueOf: (figures: CompletionFigures) => number) =>
    rounds.map(valueOf).sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  const prefill = middle((f) => ((f.promptTokens - f.reusedTokens) * 1000) / f.prefillMs);
  const decode = middle((f) => (decodeSteps(f) * 1000) / Math.max(f.decodeMs, 0.001));
  const firstToken = middle((f) => f.prefillMs);
  return {
    name,
    prefillTokensPerSecond: prefill,
    decodeTokensPerSecond: decode,
    firstTokenMs: firstToken,
  };
}

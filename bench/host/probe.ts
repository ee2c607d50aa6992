// An extension of its own in the measured extension host: it starts before Mamba Complete, shows the document, and watches
// the event loop while the driver types.
import { once } from 'node:events';
import Module from 'node:module';
import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import { startProfile, summarizeProfile } from '../cpuProfile';
import {
  commandSchema,
  DOCUMENT_VARIABLE,
  EXTENSION_ID,
  PORT_VARIABLE,
  UNFORCED_VARIABLE,
  type EventLoopDelay,
  type ProbeCommand,
  type ProbeReport,
} from './messages';

const RESTART_COMMAND = 'mambaComplete.restartRuntime';
/** The histogram counts a timer's whole interval, so the shortest gives the finest figures. */
const DELAY_RESOLUTION_MS = 1;

export function activate(): void {
  void run();
}

async function run(): Promise<void> {
  const isForced = process.env[UNFORCED_VARIABLE] === undefined;
  // Before anything else: the editor may load the extension at any time from now on.
  const loading = isForced ? undefined : whenLoaded();
  const activation = isForced ? await activateMeasured() : undefined;
  const socket = connect(Number(process.env[PORT_VARIABLE]), '127.0.0.1');
  await once(socket, 'connect');
  const send = (report: ProbeReport) => socket.write(`${JSON.stringify(report)}\n`);
  try {
    await showDocument(process.env[DOCUMENT_VARIABLE] ?? '');
    if (activation) send(activation);
    if (activation?.kind === 'activated') void reportReady(send, activation.startedAt);
    void loading?.then((startedAt) => reportLoaded(send, startedAt));
    await obey(socket, send);
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? String(error.stack) : String(error) });
  }
}

/** With the cursor at its end, where a window that is opened again would have it. */
async function showDocument(path: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(path);
  const end = document.lineAt(document.lineCount - 1).range.end;
  // Not afterwards: the driver may be typing by then.
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end) });
}

/** Activates Mamba Complete, which the editor has not done yet unless `wasActive`. */
async function activateMeasured(): Promise<ProbeReport> {
  const extension = mambaComplete();
  if (extension === undefined) return { kind: 'absent' };
  const wasActive = extension.isActive;
  const stopProfile = await startProfile();
  const startedAt = timeOfDay();
  const startMs = performance.now();
  const { activationMs } = await extension.activate();
  const activateMs = performance.now() - startMs;
  const profile = summarizeProfile(await stopProfile(), bundlesUrl(extension));
  return {
    kind: 'activated',
    wasActive,
    startedAt,
    activateMs,
    ownActivateMs: activationMs,
    profile,
  };
}

/** When the editor begins to load the extension's bundle. */
function whenLoaded(): Promise<number> {
  const bundle = join(mambaComplete()?.extensionPath ?? '', 'dist', 'extension');
  // Not part of its types: what every `require` goes through.
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  return new Promise((resolve) => {
    loader._load = (request, ...rest) => {
      if (request.startsWith(bundle)) {
        resolve(timeOfDay());
        loader._load = load;
      }
      return load(request, ...rest);
    };
  });
}

async function reportLoaded(send: (report: ProbeReport) => void, startedAt: number): Promise<void> {
  send({ kind: 'loading', startedAt });
  // It is being activated already: this only waits for it.
  await mambaComplete()?.activate();
  await reportReady(send, startedAt);
}

/** Reports when the runtime is ready that started at `startedAt`. */
async function reportReady(send: (report: ProbeReport) => void, startedAt: number): Promise<void> {
  await mambaComplete()?.exports.whenReady();
  send({ kind: 'ready', startedAt, at: timeOfDay() });
}

async function ask(): Promise<void> {
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

/** Milliseconds since the epoch. */
function timeOfDay(): number {
  return performance.timeOrigin + performance.now();
}

function mambaComplete(): vscode.Extension<ExtensionApi> | undefined {
  return vscode.extensions.getExtension<ExtensionApi>(EXTENSION_ID);
}

/** Other extensions have a dist/extension.js too, so the whole address counts, of all that lies there. */
function bundlesUrl({ extensionPath }: vscode.Extension<ExtensionApi>): string {
  return `${pathToFileURL(join(extensionPath, 'dist')).href}/`;
}

/** Ends when the driver closes the connection. */
async function obey(socket: Socket, send: (report: ProbeReport) => void): Promise<void> {
  let finish: (() => Promise<ProbeReport>) | undefined;
  for await (const line of createInterface({ input: socket })) {
    const command: ProbeCommand = v.parse(commandSchema, JSON.parse(line));
    switch (command.kind) {
      case 'watch':
        finish = await watch(command.isProfiled);
        send({ kind: 'watching' });
        break;
      case 'stop':
        if (finish !== undefined) send(await finish());
        break;
      case 'restart': {
        const startedAt = timeOfDay();
        await vscode.commands.executeCommand(RESTART_COMMAND);
        void reportReady(send, startedAt);
        await ask();
      }
    }
  }
}

async function watch(isProfiled: boolean): Promise<() => Promise<ProbeReport>> {
  const extension = mambaComplete();
  const url = extension === undefined ? '' : bundlesUrl(extension);
  const stopProfile = isProfiled ? await startProfile() : undefined;
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  histogram.enable();
  return async () => {
    histogram.disable();
    const delay: EventLoopDelay = {
      p50Ms: histogram.percentile(50) / 1e6,
      p90Ms: histogram.percentile(90) / 1e6,
      p99Ms: histogram.percentile(99) / 1e6,
      maxMs: histogram.max / 1e6,
    };
    if (stopProfile === undefined) return { kind: 'watched', delay };
    const profile = summarizeProfile(await stopProfile(), url);
    return { kind: 'watched', delay, profile };
  };
}

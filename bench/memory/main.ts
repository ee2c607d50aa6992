// npm run bench:memory: what of the runtime process is in memory. See docs/benchmarks.md.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { settingsTable } from '../../extension/settings/table';
import type {
  CompleteRequest,
  EngineChoice,
  InitializeRequest,
  WeightsChoice,
} from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { formatTable } from '../table';
import { residentMemory, type ResidentMemory } from './residentMemory';
import { RuntimeUnderTest } from './runtimeUnderTest';

// Bundled to dist/bench/memory.js.
const REPOSITORY = resolve(__dirname, '..', '..');
const MODEL_FOLDER = join(REPOSITORY, 'models', 'mamba-complete-1');
const DOCUMENT = join(REPOSITORY, 'model-runtime', 'runtime.ts');

const USAGE = `Measures what of the runtime process is in memory, started as the extension starts it. Linux only.

npm run bench:memory -- [options]
  --threads LIST   default 1,2; 0: as the runtime chooses
  --engine NAME    default cpu; auto also shows what looking for a GPU leaves behind
  --weights NAME   default int8
  --json           [{threads, when, total, files, engine, states, weights, besides}] in bytes on standard output
  --help`;

/** After its ten seconds the runtime collects its garbage, and V8 gives the pages back a little later. */
const SETTLE_MS = 14_000;
const REQUESTS = 20;
const DOCUMENT_ID = 'file:///runtime.ts';

interface Row extends ResidentMemory {
  threads: number;
  when: 'after loading' | 'after a request' | `after ${typeof REQUESTS} requests`;
  weights: number;
  /** Whole states in the engine's memory. */
  states: number;
  /** All but weights and states. */
  besides: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      threads: { type: 'string', default: '1,2' },
      engine: { type: 'string', default: 'cpu' },
      weights: { type: 'string', default: 'int8' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const rows: Row[] = [];
  for (const threads of values.threads.split(',').map(Number)) {
    // The runtime refuses what it does not know.
    const engine = values.engine as EngineChoice;
    rows.push(...(await measure({ engine, threads, weights: values.weights as WeightsChoice })));
  }
  console.log(
    values.json ? JSON.stringify(rows, undefined, 2) : formatTable(table(rows)).join('\n'),
  );
}

async function measure(
  choice: Pick<InitializeRequest, 'engine' | 'threads' | 'weights'>,
): Promise<Row[]> {
  const runtime = new RuntimeUnderTest(REPOSITORY);
  try {
    const { engine, model } = await runtime.ask(
      {
        kind: 'initialize',
        requestId: 1,
        protocolVersion: PROTOCOL_VERSION,
        modelFolder: MODEL_FOLDER,
        stateBudgetBytes: settingsTable.stateBudgetMb.default * 2 ** 20,
        ...choice,
      },
      'initialized',
    );
    const row = (when: Row['when']): Row => {
      const memory = residentMemory(runtime.pid);
      // int4 weights are smaller than their file.
      const weights = Math.min(model.weightsSizeBytes, memory.engine);
      const states = Math.floor((memory.engine - weights) / engine.stateSizeBytes);
      const statesBytes = states * engine.stateSizeBytes;
      const besides = memory.total - weights - statesBytes;
      return { threads: engine.threads, when, ...memory, weights, states: statesBytes, besides };
    };
    await sleep(SETTLE_MS);
    const loaded = row('after loading');
    const requests = completions();
    await complete(runtime, requests.slice(0, 1));
    const first = row('after a request');
    await complete(runtime, requests.slice(1));
    return [loaded, first, row(`after ${REQUESTS} requests`)];
  } finally {
    runtime.dispose();
  }
}

async function complete(runtime: RuntimeUnderTest, requests: CompleteRequest[]): Promise<void> {
  for (const request of requests) {
    if (request.requestId === FIRST_REQUEST) runtime.notify(openDocument());
    await runtime.ask(request, 'completion');
  }
}

const FIRST_REQUEST = 2;

function documentText(): string {
  return readFileSync(DOCUMENT, 'utf8').replaceAll('\r\n', '\n');
}

function openDocument() {
  const text = documentText();
  return {
    kind: 'openDocument',
    documentId: DOCUMENT_ID,
    version: 1,
    path: 'model-runtime/runtime.ts',
    text,
    isComplete: true,
  } as const;
}

/** Down the document, five lines further each time. */
function completions(): CompleteRequest[] {
  const lines = documentText().split('\n');
  return Array.from({ length: REQUESTS }, (_, i) => ({
    kind: 'complete',
    requestId: FIRST_REQUEST + i,
    documentId: DOCUMENT_ID,
    version: 1,
    lineCount: lines.length,
    position: { line: 60 + 5 * i, character: 0 },
    contextCharacters: settingsTable.contextCharacters.default,
    maxReadTokens: 2048,
    shape: 'block',
    maxTokens: 48,
    maxLines: 6,
    temperature: 0,
    topP: 1,
  }));
}

function table(rows: readonly Row[]): string[][] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [
    ['threads', 'when', 'MB', 'of files', 'own', 'weights', 'states', 'besides both'],
    ...rows.map(({ threads, when, total, files, weights, states, besides }) => [
      String(threads),
      when,
      ...[total, files, total - files, weights, states, besides].map(megabytes),
    ]),
  ];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

// Process entry of an import: reads, converts and writes a checkpoint where it can hold nobody up.
import * as v from 'valibot';
import { RuntimeError } from '../protocol/errors';
import type { ImportMessage, ImportRequest } from '../protocol/importMessages';
import { importModel } from './importModel';
import { inspectCheckpoint } from './inspectCheckpoint';

/** Progress is told at most so often. */
const PROGRESS_INTERVAL_MS = 100;

const requestSchema: v.GenericSchema<unknown, ImportRequest> = v.variant('kind', [
  v.object({ kind: v.literal('inspect'), source: v.string(), library: v.string() }),
  v.object({
    kind: v.literal('add'),
    source: v.string(),
    target: v.string(),
    name: v.string(),
    weights: v.picklist(['int8', 'int4']),
  }),
  v.object({ kind: v.literal('cancel') }),
]);

function main(): void {
  const abort = new AbortController();
  process.on('message', (data) => {
    const request = v.parse(requestSchema, data);
    if (request.kind === 'cancel') abort.abort();
    else void answer(request, abort.signal);
  });
  // The window has closed: the import is given up, and what it has written goes.
  process.on('disconnect', () => {
    abort.abort();
  });
}

async function answer(
  request: Exclude<ImportRequest, { kind: 'cancel' }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await finish(await run(request, signal));
  } catch (error) {
    if (signal.aborted) return finish({ kind: 'canceled' });
    const { code, message } =
      error instanceof RuntimeError ? error : new RuntimeError('internal', String(error));
    await finish({ kind: 'failed', code, message });
  }
}

async function run(
  request: Exclude<ImportRequest, { kind: 'cancel' }>,
  signal: AbortSignal,
): Promise<ImportMessage> {
  if (request.kind === 'inspect') {
    const summary = await inspectCheckpoint(request.source, request.library);
    return { kind: 'inspected', summary };
  }
  let toldAt = 0;
  await importModel({
    ...request,
    signal,
    onProgress: (phase, done, total) => {
      const now = performance.now();
      if (now - toldAt < PROGRESS_INTERVAL_MS) return;
      toldAt = now;
      if (process.connected) process.send?.({ kind: 'progress', phase, done, total });
    },
  });
  return { kind: 'added' };
}

/** Sends the last message and lets the process end. */
async function finish(message: ImportMessage): Promise<void> {
  if (!process.connected) return;
  await new Promise((resolve) => process.send?.(message, resolve));
  if (process.connected) process.disconnect();
}

main();

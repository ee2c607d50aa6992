// One measured engine in a process of its own: its memory is its own, and a crash ends nothing else.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { keepHeapSmall } from '../model-runtime/garbage';
import { readMemory } from './bandwidth';
import { BenchWorker } from './benchWorker';
import { requestSchema, type BenchResponse } from './protocol';

if (isMainThread) serve();
else parentPort?.postMessage(readMemory(readerGate(workerData)));

function serve(): void {
  keepHeapSmall();
  const worker = new BenchWorker(__filename);
  process.on('message', (message: unknown) => {
    worker.handle(v.parse(requestSchema, message)).then(
      (response) => process.send?.(response),
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        process.send?.({ kind: 'failed', message: text } satisfies BenchResponse);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}

function readerGate(data: unknown): Int32Array {
  return v.parse(v.object({ gate: v.instance(Int32Array) }), data).gate;
}

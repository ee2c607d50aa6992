import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

/** Far larger than any cache, so that the reads come from memory. */
const BUFFER_BYTES = 256 * 1024 * 1024;
const PASSES = 8;
/** Any byte but the one searched for; zero would leave the pages unmapped. */
const FILLER = 2;
const SEARCHED = 1;

interface ReaderMessage {
  bytesPerSecond: number;
}

/** Shared words: how many readers are ready, and whether they may start. */
const READY = 0;
const START = 1;

/**
 * Bytes read per second by `threads` threads at once, each through a buffer of its own (memchr of the C library). Of several
 * passes the fastest counts, since this is a ceiling.
 * `readerFile` is a bundle that calls `readMemory` when it is started as a worker.
 */
export async function measureBandwidth(threads: number, readerFile: string): Promise<number> {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const readers = Array.from(
    { length: threads },
    () => new Worker(readerFile, { workerData: { gate } }),
  );
  const finished = readers.map(
    (reader) =>
      new Promise<ReaderMessage>((resolve, reject) => {
        reader.once('message', resolve);
        reader.once('error', reject);
      }),
  );
  while (Atomics.load(gate, READY) < threads)
    await new Promise((resolve) => setTimeout(resolve, 5));
  Atomics.store(gate, START, 1);
  Atomics.notify(gate, START);
  const rates = await Promise.all(finished);
  return rates.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
}

/** One reader: fills its buffer, waits for the others, reads. */
export function readMemory(gate: Int32Array): ReaderMessage {
  const buffer = Buffer.alloc(BUFFER_BYTES, FILLER);
  Atomics.add(gate, READY, 1);
  Atomics.wait(gate, START, 0);
  let fastestMs = Infinity;
  for (let pass = 0; pass < PASSES; pass++) {
    const startMs = performance.now();
    if (buffer.indexOf(SEARCHED) !== -1) throw new Error('the buffer was written by someone else');
    fastestMs = Math.min(fastestMs, performance.now() - startMs);
  }
  return { bytesPerSecond: (BUFFER_BYTES * 1000) / fastestMs };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecurrentState } from '../engines/engine';

/** Tokens to read into a state, and what to do at points on the way. */
export interface Reading {
  tokens: Int32Array;
  /** Token counts after which `onStop` is called, ascending. */
  stops: readonly number[];
  /** Token counts at which chunks end when there is a choice, ascending: what has been read up to one of them can be kept. */
  boundaries: readonly number[];
  onStop(position: number): void;
  /** Called when reading is given up before a stop. */
  onInterrupted(position: number): void;
  /** It is given up between two chunks only: what has been read of one is worth more than the time until its end. */
  isEveryChunkKept?: boolean | undefined;
}

export interface ChunkOptions {
  /** Whether its logits are wanted. */
  rows: 'last' | 'none';
  signal: AbortSignal;
}

const NEVER = new AbortController().signal;

/** What reading takes of an engine; `maxChunkTokens` may change between two chunks. */
export interface ReadingEngine {
  readonly maxChunkTokens: number;
  prefill(tokens: Int32Array, state: RecurrentState, options: ChunkOptions): Promise<Float32Array>;
}

/**
 * Reads on from where `state` is, in chunks of the engine's size. Returns the logits `[V]` after the last token, or nothing
 * when there is nothing to read. Throws the signal's reason when it aborts, within a chunk where the engine can.
 */
export async function read(
  engine: ReadingEngine,
  state: RecurrentState,
  reading: Reading,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  const { tokens, stops } = reading;
  const interrupted = (position: number) => {
    if (!stops.includes(position)) reading.onInterrupted(position);
  };
  signal.throwIfAborted();
  let logits: Float32Array | undefined;
  let position = 0;
  while (position < tokens.length) {
    const end = chunkEnd(position, reading, engine.maxChunkTokens);
    try {
      const options = {
        rows: end === tokens.length ? 'last' : 'none',
        signal: reading.isEveryChunkKept ? NEVER : signal,
      } as const;
      logits = await engine.prefill(tokens.subarray(position, end), state, options);
    } catch (error) {
      // Given up within the chunk; the state is where it was before it.
      if (signal.aborted && position > 0) interrupted(position);
      throw error;
    }
    position = end;
    if (stops.includes(position)) reading.onStop(position);
    if (position === tokens.length) break;
    // Lets a cancel message in; the engine may have held the thread.
    await nextTurn();
    if (signal.aborted) {
      interrupted(position);
      throw signal.reason;
    }
  }
  return logits;
}

/** The next stop; a full chunk at most, and then rather at a boundary. */
function chunkEnd(position: number, reading: Reading, maxChunkTokens: number): number {
  const { tokens, stops, boundaries } = reading;
  const limit = Math.min(position + maxChunkTokens, tokens.length);
  const stop = stops.find((at) => at > position);
  if (stop !== undefined && stop <= limit) return stop;
  if (limit === tokens.length) return limit;
  const boundary = boundaries.findLast((at) => at <= limit);
  return boundary !== undefined && boundary > position ? boundary : limit;
}

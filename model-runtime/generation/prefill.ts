import type { Engine, RecurrentState } from '../engines/engine';
import type { SnapshotKind, StateCache } from '../state/stateCache';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Prompt } from './prompt';

/** Plain text between two kept snapshots: what an edit above the region has to re-read at most, while both are kept. */
const SNAPSHOT_SPACING_TOKENS = 256;

export interface PrefillResult {
  /** Logits `[V]` after the last prompt token. */
  logits: Float32Array;
  reusedTokens: number;
}

/**
 * Brings `state` to the end of the prompt, from the longest kept prefix of it, in chunks of the engine's size.
 * Snapshots are kept on the way: at the end of the plain text, every 256 tokens of it, and where typing will go on.
 * When `signal` aborts, what was read so far is kept too, and the signal's reason is thrown.
 */
export async function prefill(
  engine: Engine,
  cache: StateCache,
  state: RecurrentState,
  documentId: string,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<PrefillResult> {
  const { tokens, plainLength, stableLength } = prompt;
  signal.throwIfAborted();
  // The last token is always read again: its logits are not kept.
  const hit = cache.find(documentId, tokens, tokens.length - 1);
  if (hit) state.restore(hit.snapshot);
  else state.reset();

  const keep = (position: number, kind: SnapshotKind) => {
    const read = tokens.subarray(0, position);
    if (!cache.has(documentId, read)) cache.store(documentId, kind, read, state.snapshot());
  };
  const kindAt = (position: number) => (position <= plainLength ? 'text' : 'cursor');
  const reusedTokens = hit?.length ?? 0;
  let position = reusedTokens;
  for (;;) {
    const end = chunkEnd(position, prompt, engine.info.maxChunkTokens);
    let logits: Float32Array;
    try {
      logits = await engine.prefill(tokens.subarray(position, end), state, { signal });
    } catch (error) {
      // Given up within the chunk; the state is where it was before it.
      if (signal.aborted && position > reusedTokens) keep(position, kindAt(position));
      throw error;
    }
    position = end;
    if (position === tokens.length) return { logits, reusedTokens };
    if (position === stableLength) keep(position, 'cursor');
    else if (position === plainLength || isSpaced(position, plainLength)) keep(position, 'text');
    // Lets a cancel message in; the engine may have held the thread.
    await nextTurn();
    if (signal.aborted) {
      keep(position, kindAt(position));
      throw signal.reason;
    }
  }
}

function isSpaced(position: number, plainLength: number): boolean {
  return position < plainLength && position % SNAPSHOT_SPACING_TOKENS === 0;
}

/** The next point to stop at: a full chunk, or earlier where a snapshot is due. */
function chunkEnd(position: number, prompt: Prompt, maxChunkTokens: number): number {
  const spaced = (Math.floor(position / SNAPSHOT_SPACING_TOKENS) + 1) * SNAPSHOT_SPACING_TOKENS;
  let end = Math.min(position + maxChunkTokens, prompt.tokens.length);
  for (const stop of [prompt.plainLength, prompt.stableLength]) {
    if (stop > position && stop < end) end = stop;
  }
  return spaced < prompt.plainLength && spaced < end ? spaced : end;
}

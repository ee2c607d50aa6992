import { parts, type Work } from './kernelSpec';

/** Tokens of a chunk: a workgroup's tile has as many rows. */
export const SSD_CHUNK = 64;
/** Sequences and chunks that lib/pass.wgsl has room for. */
export const MOST_SEQUENCES = 8;
const MOST_CHUNKS = 64;

/** The uniform `Pass`: the count of tokens, padded to 16 bytes, then four words for each sequence and chunk. */
export const PASS_WORDS = 4 * (1 + MOST_SEQUENCES + MOST_CHUNKS);

/** Chunks of sequences of which none shares one. */
export function chunkCountOf(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + parts(length, SSD_CHUNK), 0);
}

/** What one recording reads when sequences of these lengths lie one behind the other. */
export function workOf(lengths: readonly number[]): Work {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return { tokens, sequences: lengths.length, chunks: chunkCountOf(lengths) };
}

/** The words of the uniform `Pass` of lib/pass.wgsl. Throws for more than it has room for. */
export function passWords(lengths: readonly number[]): Uint32Array<ArrayBuffer> {
  const { tokens, sequences, chunks } = workOf(lengths);
  if (sequences > MOST_SEQUENCES || chunks > MOST_CHUNKS) {
    throw new Error(`A pass has no room for ${sequences} sequences with ${chunks} chunks.`);
  }
  const words = new Uint32Array(PASS_WORDS);
  words[0] = tokens;
  let start = 0;
  let chunk = 0;
  lengths.forEach((length, sequence) => {
    const end = start + length;
    const firstChunk = chunk;
    for (let token = start; token < end; token += SSD_CHUNK) {
      words.set([token, end, sequence, start], 4 * (1 + MOST_SEQUENCES + chunk++));
    }
    words.set([start, end, firstChunk, chunk], 4 * (1 + sequence));
    start = end;
  });
  return words;
}

import { performance } from 'node:perf_hooks';
import type { SubjectSpec } from '../protocol';
import { spreadOf } from '../statistics';
import { SubjectProcess } from '../subjectProcess';
import type { LengthResult } from './results';
import type { Point } from './line';

/** Tokens of one timed prefill. */
const WINDOW_TOKENS = 512;
/** Prefill at a length is the median of so many windows before it. */
const WINDOWS = 8;
/** Tokens decoded at a length. */
const DECODE_TOKENS = 32;

export interface LongReading {
  lengths: LengthResult[];
  prefillSamples: Point[];
  decodeSamples: Point[];
  gaveUpAt?: number;
}

export interface LongOptions {
  /** In ascending order, each larger than `DECODE_TOKENS`. */
  lengths: readonly number[];
  /** Reading is given up after that. */
  mostMs: number;
  workerFile: string;
  nextTokens: (count: number) => number[];
  say: (line: string) => void;
}

/**
 * Reads one long text in a process of its own, the state carried from the first token to the last, and times windows of it and
 * tokens read one by one at each length.
 */
export async function measureLong(spec: SubjectSpec, options: LongOptions): Promise<LongReading> {
  const process = new SubjectProcess(options.workerFile);
  try {
    await process.request({ kind: 'load', spec }, 'loaded');
    return await readThrough(process, options);
  } finally {
    process.dispose();
  }
}

async function readThrough(
  process: SubjectProcess,
  { lengths, mostMs, nextTokens, say }: LongOptions,
): Promise<LongReading> {
  const reading: LongReading = { lengths: [], prefillSamples: [], decodeSamples: [] };
  const startMs = performance.now();
  let position = 0;
  const decode = async (count: number): Promise<number[]> => {
    const { ms } = await process.request({ kind: 'decode', tokens: nextTokens(count) }, 'timings');
    reading.decodeSamples.push([position, spreadOf(ms).median]);
    position += count;
    return ms;
  };
  for (const length of lengths) {
    const windows: number[] = [];
    while (position + DECODE_TOKENS < length) {
      const count = Math.min(WINDOW_TOKENS, length - DECODE_TOKENS - position);
      const { ms } = await process.request(
        { kind: 'prefill', tokens: nextTokens(count), continues: position > 0 },
        'timings',
      );
      const msPerToken = (ms[0] ?? NaN) / count;
      // The first window warms up; the last one before a length may be short.
      if (position > 0 && count >= WINDOW_TOKENS / 2) {
        windows.push(msPerToken);
        reading.prefillSamples.push([position + count / 2, msPerToken]);
      } else if (position === 0) {
        say(`first window: ${msPerToken.toFixed(2)} ms a token`);
      }
      position += count;
      if (performance.now() - startMs > mostMs) {
        await decode(DECODE_TOKENS);
        return { ...reading, gaveUpAt: position };
      }
    }
    const decoded = spreadOf(await decode(DECODE_TOKENS));
    const prefilled = spreadOf(windows.slice(-WINDOWS));
    const { rssBytes } = await process.request({ kind: 'memory' }, 'memory');
    reading.lengths.push({
      tokens: length,
      prefill: { medianMs: prefilled.median, fastestMs: prefilled.min },
      decode: { medianMs: decoded.median, fastestMs: decoded.min },
      rssBytes,
    });
    say(
      `${length} tokens: ${prefilled.median.toFixed(2)} ms a token read, ${decoded.median.toFixed(2)} ms decoded, ` +
        `${((performance.now() - startMs) / 1000).toFixed(0)} s`,
    );
  }
  return reading;
}

import * as v from 'valibot';
import { fitLine, reaches, type Line, type Point } from './line';

const timeSchema = v.object({
  /** Milliseconds a token: the median of the samples, and the fastest. */
  medianMs: v.number(),
  fastestMs: v.number(),
});

const lengthSchema = v.object({
  tokens: v.number(),
  /** Reading in chunks just before that length, and one token at a time at it. */
  prefill: timeSchema,
  decode: timeSchema,
  /** The whole process after it. */
  rssBytes: v.number(),
});

const pointSchema = v.pipe(v.tuple([v.number(), v.number()]), v.readonly());

export const resultSchema = v.object({
  /** `engine:model`. */
  subject: v.string(),
  threads: v.number(),
  parameters: v.number(),
  /** Of a recurrent state; of keys and values for each token. */
  stateBytes: v.number(),
  bytesPerToken: v.number(),
  lengths: v.array(lengthSchema),
  /** Tokens read before, and milliseconds a token: one entry a window. */
  prefillSamples: v.array(pointSchema),
  decodeSamples: v.array(pointSchema),
  /** Where reading was given up, when the time was over before the longest length. */
  gaveUpAt: v.optional(v.number()),
  machine: v.string(),
  date: v.string(),
  /** What else ran on the machine. */
  note: v.string(),
});

export type LongResult = v.InferOutput<typeof resultSchema>;
export type LengthResult = v.InferOutput<typeof lengthSchema>;
export type Phase = 'prefill' | 'decode';

/** What a subject takes at a length; `isComputed` when it was not reached and its line is drawn on. */
export interface Figure {
  medianMs: number;
  fastestMs: number;
  isComputed: boolean;
}

/** Undefined when the length was neither measured nor can be computed. */
export function figureAt(result: LongResult, phase: Phase, tokens: number): Figure | undefined {
  const measured = result.lengths.find((each) => each.tokens === tokens);
  if (measured) return { ...measured[phase], isComputed: false };
  const line = growthOf(result, phase);
  if (line === undefined) return undefined;
  const ms = line.start + line.slope * tokens;
  return { medianMs: ms, fastestMs: ms, isComputed: true };
}

/** How the time of a token grows with a cache of keys and values. Undefined for a recurrent state, where nothing grows. */
export function growthOf(result: LongResult, phase: Phase): Line | undefined {
  if (result.bytesPerToken === 0) return undefined;
  const samples: readonly Point[] =
    phase === 'prefill' ? result.prefillSamples : result.decodeSamples;
  return fitLine(samples);
}

/** Tokens from which a token costs `growing` more than it costs `steady` on average over its lengths. */
export function crossing(
  growing: LongResult,
  steady: LongResult,
  phase: Phase,
): number | undefined {
  const line = growthOf(growing, phase);
  const times = steady.lengths.map((each) => each[phase].medianMs);
  if (line === undefined || times.length === 0) return undefined;
  return reaches(line, times.reduce((sum, ms) => sum + ms, 0) / times.length);
}

/** Later results take the place of earlier ones of the same subject, length by length. */
export function mergeResults(results: readonly LongResult[]): LongResult[] {
  const merged = new Map<string, LongResult>();
  for (const result of results) {
    const before = merged.get(result.subject);
    const kept = (before?.lengths ?? []).filter(
      ({ tokens }) => !result.lengths.some((each) => each.tokens === tokens),
    );
    const lengths = [...kept, ...result.lengths].sort((a, b) => a.tokens - b.tokens);
    merged.set(result.subject, { ...result, lengths });
  }
  return [...merged.values()];
}

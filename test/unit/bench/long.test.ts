import { describe, expect, it } from 'vitest';
import { fitLine, reaches } from '../../../bench/long/line';
import { crossing, figureAt, mergeResults, type LongResult } from '../../../bench/long/results';

const time = (ms: number) => ({ medianMs: ms, fastestMs: ms });

function result(subject: string, bytesPerToken: number, times: Record<number, number>): LongResult {
  const lengths = Object.entries(times).map(([tokens, ms]) => ({
    tokens: Number(tokens),
    prefill: time(ms),
    decode: time(ms),
    rssBytes: 0,
  }));
  const samples = lengths.map(({ tokens, decode }): [number, number] => [tokens, decode.medianMs]);
  return {
    subject,
    threads: 1,
    parameters: 1,
    stateBytes: 1,
    bytesPerToken,
    lengths,
    prefillSamples: samples,
    decodeSamples: samples,
    machine: '',
    date: '',
    note: '',
  };
}

const attention = result('a', 1, { 100: 2, 200: 3 });
const recurrence = result('r', 0, { 100: 4, 200: 4 });

describe('a line through times', () => {
  it('is that of least squares', () => {
    expect(
      fitLine([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toEqual({ start: 1, slope: 2 });
    expect(fitLine([[3, 1]])).toBeUndefined();
  });

  it('reaches a level where it grows', () => {
    expect(reaches({ start: 1, slope: 2 }, 5)).toBe(2);
    expect(reaches({ start: 1, slope: 2 }, 0)).toBe(0);
    expect(reaches({ start: 1, slope: 0 }, 5)).toBeUndefined();
  });
});

describe('times at a length', () => {
  it('are computed only where a cache grows, and marked', () => {
    expect(figureAt(attention, 'decode', 200)).toEqual({ ...time(3), isComputed: false });
    expect(figureAt(attention, 'decode', 400)).toMatchObject({ medianMs: 5, isComputed: true });
    expect(figureAt(recurrence, 'decode', 400)).toBeUndefined();
  });

  it('cross where attention costs as much as the recurrence', () => {
    expect(crossing(attention, recurrence, 'prefill')).toBeCloseTo(300);
  });
});

it('later results take the place of earlier ones at the same length only', () => {
  const [merged] = mergeResults([recurrence, result('r', 0, { 200: 9, 400: 9 })]);
  expect(merged.lengths.map(({ tokens, decode }) => [tokens, decode.medianMs])).toEqual([
    [100, 4],
    [200, 9],
    [400, 9],
  ]);
});

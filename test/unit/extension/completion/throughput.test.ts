import { expect, it } from 'vitest';
import { Throughput } from '../../../../extension/completion/throughput';
import { FIGURES } from '../support/fakePort';

function at(startMs: number) {
  const clock = { now: startMs };
  return { clock, throughput: new Throughput(() => clock.now) };
}

it('knows nothing before the first request', () => {
  const { throughput } = at(0);
  expect(throughput.summary()).toMatchObject({
    requests: 0,
    prefillTokensPerSecond: undefined,
    decodeTokensPerSecond: undefined,
    latencyP50Ms: undefined,
  });
});

it('weighs requests by their tokens, and counts only what was replayed as prefill', () => {
  const { throughput } = at(0);
  throughput.addRequest(FIGURES);
  throughput.addRequest({
    ...FIGURES,
    promptTokens: 110,
    prefillMs: 20,
    generatedTokens: 4,
    decodeMs: 20,
  });
  expect(throughput.summary()).toMatchObject({
    requests: 2,
    prefillTokensPerSecond: 600,
    // The first token of each comes from reading the prompt.
    decodeTokensPerSecond: 100,
    firstTokenMs: 20,
    replayedTokens: 30,
    reusedTokens: 180,
  });
});

it('gives the median and the nine-of-ten latency', () => {
  const { throughput } = at(0);
  for (const latency of [50, 10, 20, 90, 30, 70, 40, 100, 60, 80]) {
    throughput.addSuggestion(latency, true);
  }
  expect(throughput.summary()).toMatchObject({ latencyP50Ms: 50, latencyP90Ms: 90 });
});

it('forgets what is older than five minutes, but not what was accepted', () => {
  const { clock, throughput } = at(0);
  throughput.addRequest(FIGURES);
  throughput.addSuggestion(10, true);
  throughput.addSuggestion(1, false);
  throughput.addAcceptance();
  clock.now = 5 * 60_000 + 1;
  expect(throughput.summary()).toMatchObject({
    requests: 0,
    latencyP50Ms: undefined,
    suggested: 1,
    accepted: 1,
  });
});

it('draws the newest request into the last point, and gaps where nothing was asked', () => {
  const { clock, throughput } = at(1_000_000);
  throughput.addRequest(FIGURES);
  const { times, decode, prefill, latency } = throughput.series();
  expect(times).toHaveLength(30);
  expect([decode, prefill, latency].map((values) => values.length)).toEqual([30, 30, 30]);
  expect(decode.filter((value) => value !== null)).toEqual([87.5]);
  expect(times.every((time, i) => i === 0 || time - times[i - 1] === 10)).toBe(true);
  clock.now += 60_000;
  expect(throughput.series().decode.findIndex((value) => value !== null)).toBeLessThan(29);
});

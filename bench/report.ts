import { availableParallelism, cpus, totalmem } from 'node:os';
import type { LoadedModel } from '../model-runtime/model/loadModel';
import type { ModelInfo } from '../model-runtime/protocol/messages';
import { tokenTraffic, type TokenTraffic } from './floor';
import type { GoldenAgreement } from './golden';
import type { MeasuredSubject } from './measure';
import type { BenchOptions } from './options';
import { spreadOf, type Spread } from './statistics';
import type { SubjectInfo } from './subjects/subject';

/** One row of the JSON: a phase of one engine on one number of threads. Milliseconds are for all `tokens` of a prefill, or one decoded token. */
export interface BenchResult extends SubjectInfo {
  phase: 'decode' | 'prefill';
  /** decode: tokens timed in all; prefill: length of the prompt. */
  tokens: number;
  /** From the median. */
  tokensPerSecond: number;
  medianMs: number;
  minMs: number;
  maxMs: number;
  samples: number;
}

export interface BandwidthResult {
  threads: number;
  /** Median, slowest and fastest of the rounds. */
  gigabytesPerSecond: number;
  minGigabytesPerSecond: number;
  maxGigabytesPerSecond: number;
  /** From the median: time and rate of a decoded token that only waits for memory. */
  floorMsPerToken: number;
  floorTokensPerSecond: number;
}

export interface ProcessResult extends SubjectInfo {
  loadMs: number;
  /** Resident memory of the process: Node alone, with everything loaded and used, and at its peak. */
  rssBeforeBytes: number;
  rssBytes: number;
  peakRssBytes: number;
  /** Largest share of a core that it used while others were timed. */
  idleLoad: number;
  golden?: GoldenAgreement;
}

/** What could not be measured, or not to the end. */
export interface FailedSubject {
  engine: string;
  weights: string;
  threads: number;
  message: string;
}

export interface BenchReport {
  results: BenchResult[];
  processes: ProcessResult[];
  failures: FailedSubject[];
  memory: BandwidthResult[];
  traffic: TokenTraffic;
  model: ModelInfo;
  machine: {
    processor: string;
    cores: number;
    memoryBytes: number;
    platform: string;
    node: string;
  };
  date: string;
  method: string[];
}

export interface Measurements {
  subjects: readonly MeasuredSubject[];
  /** Subjects that could not be loaded. */
  failures: readonly FailedSubject[];
  memory: BandwidthResult[];
  model: LoadedModel;
  options: BenchOptions;
}

export function buildReport(measurements: Measurements): BenchReport {
  const { subjects, failures, memory, model, options } = measurements;
  return {
    results: subjects.flatMap(resultsOf),
    processes: subjects.map(processResultOf),
    failures: [...failures, ...subjects.flatMap(failureOf)],
    memory,
    traffic: tokenTraffic(model.weights),
    model: model.info,
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      platform: `${process.platform}-${process.arch}`,
      node: process.version,
    },
    date: new Date().toISOString(),
    method: methodLines(options),
  };
}

function methodLines({ rounds, decodeTokens }: BenchOptions): string[] {
  return [
    'Every engine and number of threads runs in a process of its own; while one is timed the others wait.',
    `${rounds} rounds after one that warms up; each phase of a round visits every engine in turn, all with the same tokens.`,
    `Tokens are real code. A prefill starts from an empty state; ${decodeTokens} tokens a round are decoded one by one after 64 of prompt.`,
    'Every timed step includes the logits of its last token and their argmax (llama.cpp: its greedy sampler), called from JavaScript.',
    'Figures are medians, with the fastest and the slowest. Our prefill goes in chunks of at most 64 tokens, llama.cpp takes a prompt at once.',
    'llama.cpp has the same weights: Q8_0 blocks are our int8 blocks bit for bit. Memory is the whole resident process, Node included.',
    'Floor: bytes of all weights and of the state (read and written) over the memory bandwidth: the fastest of 8 reads of 256 MB a thread in each round, of which the median.',
  ];
}

function resultsOf(subject: MeasuredSubject): BenchResult[] {
  const row = (phase: BenchResult['phase'], tokens: number, step: number, spread: Spread) => ({
    ...subject.info,
    phase,
    tokens,
    tokensPerSecond: (1000 * step) / spread.median,
    medianMs: spread.median,
    minMs: spread.min,
    maxMs: spread.max,
    samples: spread.samples,
  });
  const results: BenchResult[] = [];
  if (subject.decodeMs.length > 0) {
    results.push(row('decode', subject.decodeMs.length, 1, spreadOf(subject.decodeMs)));
  }
  for (const [length, ms] of subject.prefillMs) {
    results.push(row('prefill', length, length, spreadOf(ms)));
  }
  return results;
}

function processResultOf(subject: MeasuredSubject): ProcessResult {
  const { info, loadMs, rssBeforeBytes, rssBytes, peakRssBytes, idleLoad, golden } = subject;
  const result = { ...info, loadMs, rssBeforeBytes, rssBytes, peakRssBytes, idleLoad };
  return golden === undefined ? result : { ...result, golden };
}

function failureOf({ info, failure }: MeasuredSubject): FailedSubject[] {
  if (failure === undefined) return [];
  const { engine, weights, threads } = info;
  return [{ engine, weights, threads, message: failure }];
}

export function bandwidthResult(
  threads: number,
  bytesPerSecond: readonly number[],
  traffic: TokenTraffic,
): BandwidthResult {
  const { median, min, max } = spreadOf(bytesPerSecond);
  const floorSeconds = (traffic.weightsBytes + traffic.stateBytes) / median;
  return {
    threads,
    gigabytesPerSecond: median / 1e9,
    minGigabytesPerSecond: min / 1e9,
    maxGigabytesPerSecond: max / 1e9,
    floorMsPerToken: floorSeconds * 1000,
    floorTokensPerSecond: 1 / floorSeconds,
  };
}

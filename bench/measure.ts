import { setTimeout as sleep } from 'node:timers/promises';
import type { GoldenAgreement } from './golden';
import type { BenchOptions } from './options';
import type { SubjectSpec } from './protocol';
import type { SubjectInfo } from './subjects/subject';
import { SubjectProcess } from './subjectProcess';

/** One engine on one number of threads, with everything measured so far. */
export interface MeasuredSubject {
  spec: SubjectSpec;
  info: SubjectInfo;
  process: SubjectProcess;
  loadMs: number;
  rssBeforeBytes: number;
  /** Resident and peak memory after the last round. */
  rssBytes: number;
  peakRssBytes: number;
  decodeMs: number[];
  /** By prompt length. */
  prefillMs: Map<number, number[]>;
  /** Largest share of one core that the process used while others were measured. */
  idleLoad: number;
  /** Undefined where there is nothing to compare with. */
  golden: GoldenAgreement | undefined;
  /** Why it was given up, or undefined. */
  failure: string | undefined;
}

/** Threads that wait actively after a run get this long to fall asleep before the next subject is timed. */
const SETTLE_MS = 100;
/** Before every timed decode the state holds this much of the code. */
const DECODE_PROMPT_TOKENS = 64;

/** Starts a process for `spec` and loads its model. Throws when that fails. */
export async function startSubject(
  spec: SubjectSpec,
  workerFile: string,
): Promise<MeasuredSubject> {
  const process = new SubjectProcess(workerFile);
  try {
    const { info, loadMs, rssBeforeBytes } = await process.request(
      { kind: 'load', spec },
      'loaded',
    );
    return {
      spec,
      info,
      process,
      loadMs,
      rssBeforeBytes,
      rssBytes: 0,
      peakRssBytes: 0,
      decodeMs: [],
      prefillMs: new Map(),
      idleLoad: 0,
      golden: undefined,
      failure: undefined,
    };
  } catch (error) {
    process.dispose();
    throw error;
  }
}

/**
 * Measures all subjects, interleaved: in each round every phase visits every subject in turn, so that a machine that gets
 * slower meanwhile slows all of them. A first round that warms up is thrown away. All read the same tokens. `readMemory` is called in
 * each of the other rounds, next to decoding, to which it is the floor.
 */
export async function measureInterleaved(
  subjects: readonly MeasuredSubject[],
  code: readonly number[],
  options: Pick<BenchOptions, 'rounds' | 'decodeTokens' | 'prefillTokens'>,
  readMemory: () => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  for (let round = 0; round <= options.rounds; round++) {
    say(round === 0 ? 'warming up' : `round ${round} of ${options.rounds}`);
    const isTimed = round > 0;
    for (const length of options.prefillTokens) {
      const tokens = windowOf(code, round, length);
      for (const subject of subjects) await timePrefill(subject, tokens, isTimed);
    }
    const window = windowOf(code, round, DECODE_PROMPT_TOKENS + options.decodeTokens);
    for (const subject of subjects) await timeDecode(subject, window, isTimed);
    if (isTimed) await readMemory();
  }
  for (const subject of subjects) {
    await unlessFailed(subject, async () => {
      const memory = await subject.process.request({ kind: 'memory' }, 'memory');
      subject.rssBytes = memory.rssBytes;
      subject.peakRssBytes = memory.peakRssBytes;
    });
  }
}

function timePrefill(
  subject: MeasuredSubject,
  tokens: readonly number[],
  isTimed: boolean,
): Promise<void> {
  return unlessFailed(subject, async () => {
    await sleep(SETTLE_MS);
    const { ms, idleLoad } = await subject.process.request(
      { kind: 'prefill', tokens: [...tokens] },
      'timings',
    );
    if (!isTimed) return;
    const times = subject.prefillMs.get(tokens.length) ?? [];
    subject.prefillMs.set(tokens.length, [...times, ...ms]);
    subject.idleLoad = Math.max(subject.idleLoad, idleLoad);
  });
}

function timeDecode(
  subject: MeasuredSubject,
  window: readonly number[],
  isTimed: boolean,
): Promise<void> {
  return unlessFailed(subject, async () => {
    await sleep(SETTLE_MS);
    const { ms, idleLoad } = await subject.process.request(
      {
        kind: 'decode',
        prompt: window.slice(0, DECODE_PROMPT_TOKENS),
        tokens: window.slice(DECODE_PROMPT_TOKENS),
      },
      'timings',
    );
    if (!isTimed) return;
    subject.decodeMs.push(...ms);
    subject.idleLoad = Math.max(subject.idleLoad, idleLoad);
  });
}

/** A subject that fails once, a crash of its process included, is left out from then on; the others go on. */
export async function unlessFailed(
  subject: MeasuredSubject,
  work: () => Promise<void>,
): Promise<void> {
  if (subject.failure !== undefined) return;
  try {
    await work();
  } catch (error) {
    subject.failure = error instanceof Error ? error.message : String(error);
    subject.process.dispose();
  }
}

/** `length` tokens of the code, elsewhere in every round. */
function windowOf(code: readonly number[], round: number, length: number): number[] {
  const last = code.length - length;
  if (last < 0) throw new Error(`the code has ${code.length} tokens, ${length} are needed`);
  const start = last === 0 ? 0 : (round * length) % last;
  return code.slice(start, start + length);
}

import type { CompletionFigures } from '../../model-runtime/protocol/messages';

interface Sample extends CompletionFigures {
  atMs: number;
}

interface Wait {
  atMs: number;
  latencyMs: number;
}

export interface ThroughputSummary {
  requests: number;
  /** `undefined` while nothing has been measured. */
  prefillTokensPerSecond: number | undefined;
  decodeTokensPerSecond: number | undefined;
  /** From the key, or the question where there was none, to the suggestion; drawing it is the editor's. */
  latencyP50Ms: number | undefined;
  latencyP90Ms: number | undefined;
  firstTokenMs: number | undefined;
  replayedTokens: number;
  reusedTokens: number;
  /** Since the window was opened: suggestions that the model wrote, and those accepted whole. */
  suggested: number;
  accepted: number;
}

export interface ThroughputSeries {
  /** Seconds since 1970, oldest first. */
  times: number[];
  prefill: (number | null)[];
  decode: (number | null)[];
  latency: (number | null)[];
}

/** What figures and chart look back on. */
const WINDOW_MS = 5 * 60_000;
const BUCKET_MS = 10_000;

/** What the requests of the last minutes cost. */
export class Throughput {
  private samples: Sample[] = [];
  private waits: Wait[] = [];
  private suggested = 0;
  private accepted = 0;

  constructor(private readonly now: () => number = Date.now) {}

  addRequest(figures: CompletionFigures): void {
    this.samples.push({ ...figures, atMs: this.now() });
    this.forgetOld();
  }

  /** A suggestion has come; `isNew` unless it was remembered. */
  addSuggestion(latencyMs: number, isNew: boolean): void {
    this.waits.push({ atMs: this.now(), latencyMs });
    if (isNew) this.suggested++;
    this.forgetOld();
  }

  addAcceptance(): void {
    this.accepted++;
  }

  summary(): ThroughputSummary {
    this.forgetOld();
    const { samples, suggested, accepted } = this;
    const latencies = this.waits.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    return {
      requests: samples.length,
      ...rates(samples),
      latencyP50Ms: quantile(latencies, 0.5),
      latencyP90Ms: quantile(latencies, 0.9),
      firstTokenMs: samples.at(-1)?.prefillMs,
      replayedTokens: sum(samples, replayed),
      reusedTokens: sum(samples, ({ reusedTokens }) => reusedTokens),
      suggested,
      accepted: Math.min(accepted, suggested),
    };
  }

  series(): ThroughputSeries {
    this.forgetOld();
    // The newest point is the one that is still filling.
    const end = (Math.floor(this.now() / BUCKET_MS) + 1) * BUCKET_MS;
    const series: ThroughputSeries = { times: [], prefill: [], decode: [], latency: [] };
    for (let start = end - WINDOW_MS; start < end; start += BUCKET_MS) {
      const isInside = ({ atMs }: { atMs: number }) => atMs >= start && atMs < start + BUCKET_MS;
      const { prefillTokensPerSecond, decodeTokensPerSecond } = rates(
        this.samples.filter(isInside),
      );
      const latencies = this.waits.filter(isInside).map(({ latencyMs }) => latencyMs);
      series.times.push((start + BUCKET_MS / 2) / 1000);
      series.prefill.push(prefillTokensPerSecond ?? null);
      series.decode.push(decodeTokensPerSecond ?? null);
      series.latency.push(
        quantile(
          latencies.sort((a, b) => a - b),
          0.5,
        ) ?? null,
      );
    }
    return series;
  }

  private forgetOld(): void {
    const oldest = this.now() - WINDOW_MS;
    this.samples = this.samples.filter(({ atMs }) => atMs >= oldest);
    this.waits = this.waits.filter(({ atMs }) => atMs >= oldest);
  }
}

function rates(samples: readonly Sample[]) {
  return {
    prefillTokensPerSecond: rate(
      sum(samples, replayed),
      sum(samples, ({ prefillMs }) => prefillMs),
    ),
    decodeTokensPerSecond: rate(
      sum(samples, decodeSteps),
      sum(samples, ({ decodeMs }) => decodeMs),
    ),
  };
}

/** Tokens that `decodeMs` was spent on: the first one is chosen from what reading the prompt gave. */
export function decodeSteps({ generatedTokens }: CompletionFigures): number {
  return Math.max(0, generatedTokens - 1);
}

function rate(tokens: number, ms: number): number | undefined {
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : undefined;
}

function replayed({ promptTokens, reusedTokens }: Sample): number {
  return promptTokens - reusedTokens;
}

function sum(samples: readonly Sample[], valueOf: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + valueOf(sample), 0);
}

/** The nearest rank. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

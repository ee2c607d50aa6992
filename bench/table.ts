import type { BenchReport, BenchResult, ProcessResult } from './report';

/** The report for people. */
export function formatReport(report: BenchReport): string {
  const { machine, model, traffic } = report;
  const lines = [
    `${model.name}: ${model.architecture}, ${(model.parameters / 1e6).toFixed(1)} M parameters`,
    `${machine.processor}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)} GB; ${machine.platform}, Node ${machine.node}; ${report.date}`,
    '',
    ...speedLines(report),
    ...formatTable(processRows(report)),
    '',
    `A decoded token moves ${megabytes(traffic.weightsBytes)} MB of weights and ${megabytes(traffic.stateBytes)} MB of state.`,
    ...report.memory.map(
      ({ threads, floorMsPerToken, floorTokensPerSecond, ...rates }) =>
        `Memory reads ${rates.gigabytesPerSecond.toFixed(1)} GB/s on ${threadCount(threads)} (${rates.minGigabytesPerSecond.toFixed(1)}-${rates.maxGigabytesPerSecond.toFixed(1)}): floor ${floorMsPerToken.toFixed(1)} ms, ${floorTokensPerSecond.toFixed(0)} tokens/s.`,
    ),
    '',
    'Method',
    ...report.method.map((line) => `- ${line}`),
  ];
  for (const warning of warnings(report)) lines.push('', `Warning: ${warning}`);
  return lines.join('\n');
}

function speedLines(report: BenchReport): string[] {
  return report.results.length === 0 ? [] : [...formatTable(speedRows(report)), ''];
}

function speedRows(report: BenchReport): string[][] {
  const header = [
    'engine',
    'weights',
    'arithmetic',
    'threads',
    'phase',
    'ms',
    'min-max',
    'tokens/s',
  ];
  const rows = [...report.results]
    .sort((a, b) => phaseOrder(a) - phaseOrder(b) || a.threads - b.threads)
    .map((result) => [
      result.engine,
      result.weights,
      result.arithmetic,
      String(result.threads),
      result.phase === 'decode' ? 'decode 1' : `prefill ${result.tokens}`,
      result.medianMs.toFixed(1),
      `${result.minMs.toFixed(1)}-${result.maxMs.toFixed(1)}`,
      result.tokensPerSecond.toFixed(1),
    ]);
  return [header, ...rows];
}

function phaseOrder({ phase, tokens }: BenchResult): number {
  return phase === 'decode' ? 0 : tokens;
}

function processRows({ processes }: BenchReport): string[][] {
  const header = [
    'engine',
    'weights',
    'arithmetic',
    'threads',
    'load ms',
    'MB',
    'peak MB',
    'golden tokens',
    'logits',
  ];
  return [header, ...processes.map(processRow)];
}

function processRow(result: ProcessResult): string[] {
  const { golden } = result;
  return [
    result.engine,
    result.weights,
    result.arithmetic,
    String(result.threads),
    result.loadMs.toFixed(0),
    megabytes(result.rssBytes),
    megabytes(result.peakRssBytes),
    golden === undefined ? '' : `${golden.sameTokens} of ${golden.tokens}`,
    golden === undefined ? '' : golden.relativeL2.toExponential(1),
  ];
}

/** Columns padded to their widest cell; numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        /^\d/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Anything that makes the figures doubtful. */
function warnings({ processes, failures }: BenchReport): string[] {
  const missing = failures.map(
    (failed) => `${subjectName(failed)} was left out: ${failed.message}`,
  );
  const restless = processes
    .filter(({ idleLoad }) => idleLoad > IDLE_LOAD_LIMIT)
    .map((result) => {
      const percent = (result.idleLoad * 100).toFixed(0);
      return `${subjectName(result)} used ${percent} % of a core while others were timed`;
    });
  return [...missing, ...restless];
}

function subjectName(subject: Pick<ProcessResult, 'engine' | 'weights' | 'threads'>): string {
  return `${subject.engine} ${subject.weights} on ${threadCount(subject.threads)}`;
}

const IDLE_LOAD_LIMIT = 0.02;

function threadCount(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(0);
}

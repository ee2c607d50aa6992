import { crossing, figureAt, type LongResult, type Phase } from './results';

/** A Markdown table of all results, and from which length on the transformer costs more than each of the others. */
export function describeResults(results: readonly LongResult[]): string {
  const lengths = [...new Set(results.flatMap((each) => each.lengths.map(({ tokens }) => tokens)))];
  lengths.sort((a, b) => a - b);
  const lines = [
    '| subject | tokens | read, ms a token | decoded, ms a token | state | resident |',
    '| --- | --- | --- | --- | --- | --- |',
    ...results.flatMap((result) =>
      lengths
        .filter((tokens) => figureAt(result, 'prefill', tokens))
        .map((tokens) => row(result, tokens)),
    ),
    '',
    ...crossings(results),
  ];
  for (const { subject, gaveUpAt } of results) {
    if (gaveUpAt !== undefined) lines.push(`${subject} was given up after ${gaveUpAt} tokens.`);
  }
  const notes = results.map(
    ({ subject, machine, date, threads, note }) =>
      `${subject}: ${machine}; ${threads} threads; ${date}${note === '' ? '' : `; ${note}`}`,
  );
  return [...lines, '', ...notes].join('\n');
}

function row(result: LongResult, tokens: number): string {
  const measured = result.lengths.find((each) => each.tokens === tokens);
  const state = result.stateBytes + result.bytesPerToken * tokens;
  return `| ${[
    result.subject,
    tokens.toLocaleString('en-US'),
    figure(result, 'prefill', tokens),
    figure(result, 'decode', tokens),
    megabytes(state),
    measured ? megabytes(measured.rssBytes) : '',
  ].join(' | ')} |`;
}

function figure(result: LongResult, phase: Phase, tokens: number): string {
  const found = figureAt(result, phase, tokens);
  if (!found) return '';
  if (found.isComputed) return `${found.medianMs.toFixed(1)} *`;
  return `${found.medianMs.toFixed(2)} (${found.fastestMs.toFixed(2)})`;
}

function crossings(results: readonly LongResult[]): string[] {
  const growing = results.filter(({ bytesPerToken }) => bytesPerToken > 0);
  const steady = results.filter(({ bytesPerToken }) => bytesPerToken === 0);
  return growing.flatMap((one) =>
    steady.flatMap((other) =>
      (['prefill', 'decode'] as const).flatMap((phase) => {
        const tokens = crossing(one, other, phase);
        if (tokens === undefined) return [];
        const verb = phase === 'prefill' ? 'reading' : 'decoding';
        const from = Math.round(tokens).toLocaleString('en-US');
        return [`${verb}: ${one.subject} costs more than ${other.subject} from ${from} tokens on.`];
      }),
    ),
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

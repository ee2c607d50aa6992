import type { Outcome, Scores } from './scores';
import { mean, reportOf } from './scores';

/** Tables for people. */
export function describeOutcomes(outcomes: readonly Outcome[]): string {
  const report = reportOf(outcomes);
  const rows: [string, Scores][] = [];
  for (const kind of ['line', 'block'] as const) {
    rows.push([kind, report[kind]]);
    for (const [language, scores] of Object.entries(report.languages)) {
      const ofKind = scores[kind];
      if (ofKind) rows.push([`  ${language}`, ofKind]);
    }
  }
  const blocks = outcomes.filter(({ kind, isShown }) => kind === 'block' && isShown);
  const timed = outcomes.flatMap(({ timeMs }) => timeMs ?? []);
  return [
    'tasks              n      exact  similarity  shown   precision',
    ...rows.map(([name, scores]) => describe(name, scores)),
    `blocks shown: ${mean(blocks, (one) => one.shownLines).toFixed(2)} lines, ${mean(blocks, (one) => one.rightLines).toFixed(2)} right before the first wrong one`,
    `closing brackets doubled: ${outcomes.filter((one) => one.doublesCloser).length}; next line repeated: ${outcomes.filter((one) => one.repeatsNextLine).length}`,
    `mean time of a request: ${mean(timed, (ms) => ms).toFixed(0)} ms`,
  ].join('\n');
}

function describe(name: string, scores: Scores): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padEnd(8);
  return (
    name.padEnd(19) +
    String(scores.n).padEnd(7) +
    percent(scores.exactMatch) +
    scores.editSimilarity.toFixed(3).padEnd(12) +
    percent(scores.shown) +
    percent(scores.precision)
  ).trimEnd();
}

/** One task, for those who look for the reasons. */
export function describeOutcome(outcome: Outcome): string {
  const { language, kind, isRight, isShown, text, expected } = outcome;
  const verdict = !isShown ? 'nothing' : isRight ? 'right' : 'wrong';
  const defects = [
    outcome.doublesCloser ? ' DOUBLED CLOSER' : '',
    outcome.repeatsNextLine ? ' NEXT LINE AGAIN' : '',
  ].join('');
  return `${language} ${kind} ${verdict}${defects}\n  ${JSON.stringify(text)}\n  ${JSON.stringify(expected)}`;
}

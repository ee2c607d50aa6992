import { lineChart, type ChartSeries } from '../../scripts/plot/lineChart';
import { figureAt, type LongResult } from './results';

/** Milliseconds of a decoded token by length, both logarithmic; dashed from where a line is computed. */
export function drawTimes(results: readonly LongResult[]): string {
  const lengths = [...new Set(results.flatMap((each) => each.lengths.map(({ tokens }) => tokens)))];
  lengths.sort((a, b) => a - b);
  return lineChart({
    title: 'Time of a decoded token after so much text',
    x: { name: 'tokens read before', scale: 'log2' },
    y: { name: 'ms', scale: 'log10' },
    series: results.flatMap((result) => seriesOf(result, lengths)),
  });
}

function seriesOf(result: LongResult, lengths: readonly number[]): ChartSeries[] {
  const figures = lengths.flatMap((tokens) => {
    const figure = figureAt(result, 'decode', tokens);
    return figure ? [{ tokens, ...figure }] : [];
  });
  const measured = figures.filter(({ isComputed }) => !isComputed);
  const computed = figures.filter(({ isComputed }) => isComputed);
  const point = ({ tokens, medianMs }: (typeof figures)[number]) => [tokens, medianMs] as const;
  const series: ChartSeries[] = [{ name: result.subject, points: measured.map(point) }];
  if (computed.length > 0) {
    const joined = [...measured.slice(-1), ...computed];
    series.push({ name: `${result.subject}, computed`, points: joined.map(point), isDashed: true });
  }
  return series;
}

import { lineChart, type ChartSeries } from '../plot/lineChart';
import { taskTitle } from './report';
import type { Cell, TaskName } from './runTask';

const TITLES: Record<TaskName, string> = {
  copying: 'Selective copying: eight words scattered over so many tokens',
  induction: 'Induction heads: a random sequence again after so many tokens',
  recall: 'Associative recall: values of keys after so many tokens',
  definition: 'The rest of a name that was defined so many tokens above',
};

/** Share of right answers by distance, one line for each form and number of pairs, with what chance gives. */
export function drawTask(name: TaskName, cells: readonly Cell[]): string {
  const own = cells.filter((cell) => cell.name === name);
  const titles = [...new Set(own.map(taskTitle))];
  const lines = titles.map((title): ChartSeries => {
    const points = own.filter((cell) => taskTitle(cell) === title);
    return {
      name: title,
      points: points.map(({ distance, accuracy }) => [distance, 100 * accuracy.share] as const),
    };
  });
  const distances = own.map(({ distance }) => distance);
  const ends = [Math.min(...distances), Math.max(...distances)];
  const chances = [...new Set(own.map(({ chance }) => chance))].sort((a, b) => b - a);
  const levels = chances.map((chance): ChartSeries => {
    const percent = 100 * chance;
    return {
      name: `chance ${percent.toFixed(percent < 1 ? 2 : 1)} %`,
      points: ends.map((distance) => [distance, percent] as const),
      isDashed: true,
    };
  });
  return lineChart({
    title: TITLES[name],
    x: { name: 'tokens between', scale: 'log2', min: ends[0] ?? 1, max: ends[1] ?? 1 },
    y: { name: '% right', scale: 'linear', min: 0, max: 100 },
    series: [...lines, ...levels],
  });
}

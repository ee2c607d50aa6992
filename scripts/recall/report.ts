import type { Cell, Task } from './runTask';

/** A Markdown table: a row for each task and distance. */
export function describeCells(cells: readonly Cell[]): string {
  const lines = [
    '| task | distance | trials, answers | right (95 %) | chance | whole | loss | first time: right, loss |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...cells.map((cell) => {
      const { distance, trials, questions, accuracy, chance, whole, loss, first } = cell;
      return `| ${[
        taskTitle(cell),
        distance.toLocaleString('en-US'),
        `${trials}, ${questions}`,
        `${percent(accuracy.share)} (${percent(accuracy.low)}–${percent(accuracy.high)})`,
        percent(chance),
        percent(whole.share),
        loss.toFixed(2),
        first ? `${percent(first.accuracy)}, ${first.loss.toFixed(2)}` : '',
      ].join(' | ')} |`;
    }),
  ];
  return lines.join('\n');
}

/** `recall code, 16 pairs`. */
export function taskTitle({ name, form, pairs }: Task): string {
  return `${name} ${form}${pairs === undefined ? '' : `, ${pairs} pairs`}`;
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 0.1 ? value.toFixed(3) : value.toFixed(1)} %`;
}

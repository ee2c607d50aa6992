import type { BenchmarkRow, PanelState } from './protocol';
import { buttonRow, createSection } from './section';
import type { Send } from './settingRow';
import { createButton } from './toolkit';
import type { Translate } from './translate';

/** Runs the benchmark and shows what it has found, engine by engine. */
export function createBenchmarkSection(
  send: Send,
  t: Translate,
): { element: HTMLElement; show(state: PanelState): void } {
  const element = createSection('benchmark', t('Benchmark'));
  const introduction = document.createElement('p');
  introduction.className = 'description';
  introduction.textContent = t('Measures each engine on this machine, in a process of its own.');
  const progress = document.createElement('p');
  progress.id = 'benchmark-progress';
  progress.setAttribute('role', 'status');
  const table = document.createElement('table');
  const run = createButton(t('Run benchmark'), () => {
    send({ kind: 'runCommand', command: 'runBenchmark' });
  });
  const stop = createButton(t('Stop'), () => {
    send({ kind: 'runCommand', command: 'stopBenchmark' });
  });
  element.append(introduction, progress, table, buttonRow(run, stop));
  let shown = '';
  return {
    element,
    show: ({ benchmark }) => {
      run.hidden = benchmark.isRunning;
      stop.hidden = !benchmark.isRunning;
      if (progress.textContent !== benchmark.progress) progress.textContent = benchmark.progress;
      table.hidden = benchmark.rows.length === 0;
      const { rows, fastest } = benchmark;
      const now = JSON.stringify([rows, fastest]);
      if (now === shown) return;
      shown = now;
      const titles = ['Engine', 'Prefill', 'Decode', 'First token', 'Use'].map(t);
      table.replaceChildren(
        header(titles),
        ...rows.map((row) => line(row, row.name === fastest, send, t)),
      );
    },
  };
}

function header(titles: string[]): HTMLElement {
  const row = document.createElement('tr');
  for (const title of titles) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = title;
    row.append(cell);
  }
  return row;
}

function line(row: BenchmarkRow, isFastest: boolean, send: Send, t: Translate): HTMLElement {
  const element = document.createElement('tr');
  element.dataset.engine = row.name;
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = row.name;
  element.append(name);
  if (row.problem !== undefined) {
    const cell = document.createElement('td');
    cell.colSpan = 4;
    cell.textContent = row.problem;
    element.append(cell);
    return element;
  }
  const use = createButton(t('Use'), () => {
    send({ kind: 'useEngine', name: row.name });
  });
  if (isFastest) use.setAttribute('appearance', 'primary');
  use.setAttribute('aria-label', `${t('Use')}: ${row.name}`);
  element.append(
    cell(perSecond(row.prefillTokensPerSecond)),
    cell(perSecond(row.decodeTokensPerSecond)),
    cell(row.firstTokenMs === undefined ? '—' : `${Math.round(row.firstTokenMs)} ms`),
    cell(use),
  );
  return element;
}

function cell(content: string | HTMLElement): HTMLElement {
  const element = document.createElement('td');
  element.append(content);
  return element;
}

function perSecond(value: number | undefined): string {
  return value === undefined ? '—' : `${value.toFixed(0)} tokens/s`;
}

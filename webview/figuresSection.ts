import type { PanelFigures, PanelState } from './protocol';
import { createSection, createValueList } from './section';
import { ThroughputChart } from './throughputChart';
import type { Translate } from './translate';

/** What runs, and how fast it has been in the last minutes. */
export function createFiguresSection(t: Translate): {
  runtime: HTMLElement;
  throughput: HTMLElement;
  showState(state: PanelState): void;
  showFigures(figures: PanelFigures): void;
} {
  const runtime = createSection('runtime', t('Model runtime'));
  const status = document.createElement('p');
  status.id = 'status';
  // Spoken when it changes, without taking the focus.
  status.setAttribute('role', 'status');
  const facts = createValueList();
  runtime.append(status, facts.element);
  const throughput = createSection('throughput', t('Throughput'));
  const figures = createValueList();
  const chart = new ThroughputChart(t);
  throughput.append(figures.element, chart.element);
  return {
    runtime,
    throughput,
    showState: (state) => {
      if (status.textContent !== state.status.detail) status.textContent = state.status.detail;
      facts.show(state.facts);
    },
    showFigures: (message) => {
      figures.show(message.figures);
      chart.show(message);
    },
  };
}
